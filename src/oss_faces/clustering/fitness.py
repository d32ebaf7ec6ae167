from oss_faces.clustering.settings import ClusteringSettings
from oss_faces.values import Face


def may_found(face: Face, settings: ClusteringSettings) -> bool:
    """Tell whether a face is large, frontal and good enough to be one of those with which a cluster begins.

    What was not measured speaks for no face.

    Source:
        IMM "FAQ about image management": more than 75 x 75 pixels, |Pitch|, |Roll| and |Yaw| below 30 degrees,
        FaceQuality above 0.8 on the scale of its own model.
    """
    if face.pose is None or face.quality is None:
        return False
    turned = max(abs(face.pose.pitch), abs(face.pose.roll), abs(face.pose.yaw))
    is_large = min(face.box.width, face.box.height) > settings.founding_side
    return is_large and turned < settings.founding_degrees and face.quality > settings.founding_quality

from oss_faces.detection.detector import Detector
from oss_faces.detection.fixed import FixedDetector
from oss_faces.detection.multiscale import CenterFaceDetector
from oss_faces.detection.probes import detector_probe, scout_probe
from oss_faces.detection.settings import DetectionSettings

__all__ = ["CenterFaceDetector", "DetectionSettings", "Detector", "FixedDetector", "detector_probe", "scout_probe"]

from oss_faces.clustering.crowds import NEIGHBOURS, crowding
from oss_faces.clustering.fitness import may_found
from oss_faces.clustering.groups import Group, NewFaces
from oss_faces.clustering.neighbours import ExactNeighbours
from oss_faces.clustering.placing import FOUNDING_FACES, place_faces
from oss_faces.clustering.settings import ClusteringSettings, usual_distance

__all__ = [
    "FOUNDING_FACES",
    "NEIGHBOURS",
    "ClusteringSettings",
    "ExactNeighbours",
    "Group",
    "NewFaces",
    "crowding",
    "may_found",
    "place_faces",
    "usual_distance",
]

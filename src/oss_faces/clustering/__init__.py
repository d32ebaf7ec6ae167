"""Faces of one person find each other. Pure: arrays in, a decision out."""

from oss_faces.clustering.fitness import may_found, may_join
from oss_faces.clustering.groups import Group, NewFaces
from oss_faces.clustering.neighbours import ExactNeighbours, Neighbours
from oss_faces.clustering.placing import FOUNDING_FACES, place_faces
from oss_faces.clustering.settings import ClusteringSettings

__all__ = [
    "FOUNDING_FACES",
    "ClusteringSettings",
    "ExactNeighbours",
    "Group",
    "Neighbours",
    "NewFaces",
    "may_found",
    "may_join",
    "place_faces",
]

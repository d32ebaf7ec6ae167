"""Faces of one person find each other. Pure: arrays in, a decision out."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.clustering.exports import *
else:
    __getattr__ = late_import(__name__)

"""Search among the vectors of faces, by number; knows nothing of what a number stands for."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.vectors.exports import *
else:
    __getattr__ = late_import(__name__)

"""The log of what was done with faces. Names outside this list are private to the folder."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.audit.exports import *
else:
    __getattr__ = late_import(__name__)

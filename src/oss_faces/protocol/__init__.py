"""The wire without I/O: addressing, signatures, actions, process strings."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.protocol.exports import *
else:
    __getattr__ = late_import(__name__)

"""Reading and writing objects. Names outside `exports` are private to the folder."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.storage.exports import *
else:
    __getattr__ = late_import(__name__)

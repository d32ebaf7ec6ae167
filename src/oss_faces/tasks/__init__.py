"""What is done in the background. Names outside `exports` are private to the folder."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.tasks.exports import *
else:
    __getattr__ = late_import(__name__)

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.workers.exports import *
else:
    __getattr__ = late_import(__name__)

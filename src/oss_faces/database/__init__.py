"""The small state of a server in one database: keys, projects, counters. Objects are kept elsewhere."""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.database.exports import *
else:
    __getattr__ = late_import(__name__)

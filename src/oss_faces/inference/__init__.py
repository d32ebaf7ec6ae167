"""Networks: which there are, and what runs them.

Engines, and the library that rewrites networks, are not imported with the rest: the process that takes requests runs
none, and would wait for them at each start.
"""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.inference.exports import *
else:
    __getattr__ = late_import(__name__)

"""What works on pictures: what it can be asked, how it is loaded, and what is known of it without that.

The networks are loaded by workers, so what loads them is not imported with the rest: see `oss_faces.inference`.
"""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.stages.exports import *
else:
    __getattr__ = late_import(__name__)

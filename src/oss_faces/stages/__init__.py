"""What works on pictures: what it can be asked, how it is loaded, and what is known of it without that.

The networks are loaded by workers, so what loads them is not imported with the rest: see `oss_faces.inference`.
"""

from typing import TYPE_CHECKING

from oss_faces.late_import import late_import

if TYPE_CHECKING:
    from oss_faces.stages.exports import *
    from oss_faces.stages.loading import load_embedder as load_embedder
    from oss_faces.stages.loading import load_pipeline as load_pipeline
    from oss_faces.stages.loading import load_stages as load_stages
else:
    __getattr__ = late_import(__name__, dict.fromkeys(("load_embedder", "load_pipeline", "load_stages"), "loading"))

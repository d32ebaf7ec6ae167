from oss_faces.rendering.documents import Identity
from oss_faces.rendering.figures import RenderingSettings

__all__ = ["Identity", "RenderingSettings"]

"""oss-faces: a self-hosted answer to OSS `image/faces`.

As a library: `oss_faces.detect("photo.jpg")` returns a tuple of `oss_faces.Face`. See docs/library.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oss_faces.library import detect, load_pipeline
    from oss_faces.values import Age, Box, Emotion, Face, HeadPose, Label

__all__ = ["Age", "Box", "Emotion", "Face", "HeadPose", "Label", "detect", "load_pipeline"]

_HOMES = {"detect": "library", "load_pipeline": "library"}


def __getattr__(name: str) -> Any:
    """Import on first use: `import oss_faces` alone loads no model runtime and no server."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'values')}"), name)


def __dir__() -> list[str]:
    """Name what is public, for `help` and completion, before it is imported."""
    return __all__

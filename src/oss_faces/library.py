"""The pipeline as a library: no server, no store, the same answer."""

import functools
import os
from pathlib import Path

from oss_faces.app import build_pipeline
from oss_faces.config import Settings
from oss_faces.decoding import read_file
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Face


def detect(source: str | os.PathLike[str] | bytes, pipeline: FacePipeline | None = None) -> tuple[Face, ...]:
    """Find and describe every face of one picture.

    Args:
        source: path of a picture file, or the bytes of one.
        pipeline: from `load_pipeline`, for settings of one's own; by default one with default settings, loaded at the
            first call and kept for the life of the process.

    Returns:
        The faces by descending box area; empty when there is none. Coordinates are in pixels of the upright picture.

    Raises:
        OSError: the file cannot be read.
        ImageError: it is no picture that can be analysed.
    """
    pipeline = pipeline or _default_pipeline()
    content = source if isinstance(source, bytes) else read_file(Path(source), pipeline.size_bytes_max)
    return pipeline.find_faces(content).faces


def load_pipeline(settings: Settings | None = None) -> FacePipeline:
    """Load and check the models once, for many calls and from several threads.

    Raises:
        ModelUnavailable: a model file is missing or changed.
        ConfigurationError: a setting is out of range.
    """
    wanted = settings or Settings()
    wanted.validate()
    return build_pipeline(wanted)


@functools.cache
def _default_pipeline() -> FacePipeline:
    return load_pipeline()

"""Our own pipeline, as a peer among the others: as it comes, or for speed with `fast` on the command line."""

import sys
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.peers.answering import Box, Peer, answer_as
from oss_faces import load_pipeline
from oss_faces.config import Settings
from oss_faces.detection import DetectionSettings
from oss_faces.pipeline import FacePipeline

CURVE_THRESHOLD: Final = 0.02
# The combination for speed of docs/performance.md: one look at a canvas of 384, and none at single places.
FAST: Final = DetectionSettings(overview_side=384, closer_look_pixels_max=0)


def main() -> None:
    """Load the models, then answer."""
    settings = Settings(detection=FAST) if sys.argv[1:] == ["fast"] else Settings()
    pipeline = load_pipeline(settings)
    low = replace(settings, detection=replace(settings.detection, score_threshold=CURVE_THRESHOLD))
    unsure = load_pipeline(low)
    answer_as(
        Peer(
            version("oss-faces"),
            lambda file: _detect(pipeline, file),
            lambda file: _detect(unsure, file),
            lambda file: _record(pipeline, file),
        )
    )


def _detect(pipeline: FacePipeline, file: str) -> list[Box]:
    found = pipeline.detector.detect(pipeline.decode(Path(file).read_bytes()))
    return [[*box, score] for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True)]


def _record(pipeline: FacePipeline, file: str) -> list[dict[str, Any]]:
    faces = pipeline.find_faces(Path(file).read_bytes()).faces
    return [{item.name: getattr(face, item.name) for item in fields(face)} for face in faces]


if __name__ == "__main__":
    main()

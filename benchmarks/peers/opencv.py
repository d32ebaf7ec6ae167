"""The cascades of OpenCV. Its neural detector, YuNet, comes without weights; they are in no registry."""

from pathlib import Path
from typing import Any, Final

import cv2

from benchmarks.peers.answering import Box, Peer, answer_as

# Source: OpenCV's tutorial of cascades takes these two as they are.
SCALE: Final = 1.1
NEIGHBOURS: Final = 3


def main() -> None:
    """Load the frontal cascade, then answer."""
    cv2.setNumThreads(1)
    cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))
    answer_as(Peer(cv2.__version__, lambda file: _detect(cascade, file), lambda file: _weigh(cascade, file)))


def _detect(cascade: Any, file: str) -> list[Box]:
    grey = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
    return [_box(rectangle, 1.0) for rectangle in cascade.detectMultiScale(grey, SCALE, NEIGHBOURS)]


def _weigh(cascade: Any, file: str) -> list[Box]:
    """The same with fewer neighbours, and the weight of the last stage as score."""
    grey = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
    boxes, _, weights = cascade.detectMultiScale3(grey, SCALE, 1, outputRejectLevels=True)
    return [_box(rectangle, float(weight)) for rectangle, weight in zip(boxes, weights, strict=True)]


def _box(rectangle: Any, score: float) -> Box:
    left, top, width, height = (float(edge) for edge in rectangle)
    return [left, top, left + width, top + height, score]


if __name__ == "__main__":
    main()

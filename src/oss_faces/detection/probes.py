"""What the networks that find faces are asked before they may compute with fewer digits.

The faces are drawn: no picture of a person is kept for it, and the same ones come out everywhere.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from oss_faces.detection.centerface import detect_on_canvas
from oss_faces.detection.merging import consolidate
from oss_faces.detection.scout import find_hints
from oss_faces.inference import Probe, Session
from oss_faces.values import Detections

DETECTOR_LIMITS: Final = {"score": 0.04, "box_px": 0.6, "landmark_px": 0.6}
"""Largest differences on the canvas of the probe, whose faces are 13 to 55 px wide; whole numbers are off by more."""
SCOUT_LIMITS: Final = {"score": 0.03}

_GROUND: Final = (118, 132, 140)
_SKIN: Final = (214, 168, 142)
# Centre, half width and half height in hundredths of the tile, colour; what comes later covers what came before.
_ELLIPSES: Final = (
    (50, 95, 36, 17, (60, 70, 110)),  # shoulders
    (50, 77, 9, 12, (190, 140, 115)),  # neck
    (50, 45, 23, 27, (58, 42, 34)),  # hair
    (50, 50, 18, 24, _SKIN),
    (32, 51, 3, 5, _SKIN),  # ears
    (68, 51, 3, 5, _SKIN),
    (43, 41, 4.5, 1, (70, 48, 38)),  # brows
    (57, 41, 4.5, 1, (70, 48, 38)),
    (43, 46, 4, 2, (235, 230, 225)),  # eyes
    (57, 46, 4, 2, (235, 230, 225)),
    (43, 46, 1.8, 1.8, (60, 40, 30)),
    (57, 46, 1.8, 1.8, (60, 40, 30)),
    (48, 52, 1.2, 5, (190, 142, 118)),  # nose
    (48, 57, 1.2, 0.8, (130, 85, 70)),
    (52, 57, 1.2, 0.8, (130, 85, 70)),
    (50, 63.5, 6.5, 2.3, (168, 80, 78)),  # mouth
    (50, 63.5, 6, 0.5, (110, 50, 50)),
)
_DRAWN_SIDE: Final = 512

# Left edge, upper edge and side of the tiles.
_CANVAS: Final = (512, 256)
_CANVAS_TILES: Final = ((0, 64, 160), (160, 80, 120), (290, 96, 84), (390, 110, 56), (460, 120, 40))
_CANVAS_THRESHOLD: Final = 0.3
_LEVEL: Final = (768, 512)
_LEVEL_TILES: Final = ((100, 90, 26), (300, 200, 34), (420, 330, 42), (640, 400, 50))
_LEVEL_THRESHOLD: Final = 0.5


def detector_probe() -> Probe:
    """Ask CenterFace for faces of five sizes."""
    return Probe({"image": _draw(_CANVAS, _CANVAS_TILES)[None]}, DETECTOR_LIMITS, _compare_detectors)


def scout_probe() -> Probe:
    """Ask the scout for small faces on a wide ground."""
    return Probe({"image": _draw(_LEVEL, _LEVEL_TILES)[None]}, SCOUT_LIMITS, _compare_scouts)


def _compare_detectors(plain: Session, other: Session) -> dict[str, float]:
    """Compare faces, the left one first. Nothing is said of a network that sees another number of them, or none."""
    canvas = _draw(_CANVAS, _CANVAS_TILES)
    first, second = (_faces(session, canvas) for session in (plain, other))
    if len(first) != len(second) or not len(first):
        return {}
    return {
        "score": _largest(first.scores, second.scores),
        "box_px": _largest(first.boxes, second.boxes),
        "landmark_px": _largest(first.landmarks, second.landmarks),
    }


def _compare_scouts(plain: Session, other: Session) -> dict[str, float]:
    """Compare the heat of each cell. Nothing is said of a network that suspects nothing."""
    level = _draw(_LEVEL, _LEVEL_TILES)
    if not len(find_hints(plain, level, _LEVEL_THRESHOLD).scores):
        return {}
    first, second = (session.run({"image": level[None]})[0] for session in (plain, other))
    return {"score": _largest(first, second)}


def _faces(session: Session, canvas: NDArray[np.uint8]) -> Detections:
    found = consolidate(detect_on_canvas(session, canvas, _CANVAS_THRESHOLD), 0.35)
    return found.select(np.argsort(found.boxes[:, 0]))


def _largest(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.abs(first - second).max())


def _draw(size: tuple[int, int], tiles: tuple[tuple[int, int, int], ...]) -> NDArray[np.uint8]:
    """Draw one head in each tile: (H, W, 3) uint8 RGB."""
    head = Pillow.new("RGB", (_DRAWN_SIDE, _DRAWN_SIDE), _GROUND)
    pen, unit = ImageDraw.Draw(head), _DRAWN_SIDE / 100
    for x, y, half_width, half_height, colour in _ELLIPSES:
        edges = (x - half_width, y - half_height, x + half_width, y + half_height)
        pen.ellipse([edge * unit for edge in edges], fill=colour)
    picture = Pillow.new("RGB", size, _GROUND)
    for left, top, side in tiles:
        picture.paste(head.resize((side, side), Pillow.Resampling.BOX), (left, top))
    return np.asarray(picture)

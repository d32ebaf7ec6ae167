"""Where to look closer: from hints of small faces to windows that cover them, within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from oss_faces.detection.evidence import log_odds, to_scores
from oss_faces.detection.scout import LARGEST_FACE, Hints
from oss_faces.detection.views import View, Window, view_part
from oss_faces.geometry import FloatArray
from oss_faces.values import Detections, ImageSize

# Enlarging a face of 12 px fourfold is what makes it clearly visible to the network.
CLOSER_ZOOM: Final = 4.0
# Smallest face, in canvas pixels, of which the overview alone can be relied upon.
OVERVIEW_FACE: Final = 24.0
# Edge of a window in pixels of its level: room for the largest face the level is for, and for its surroundings.
WINDOW_SIDE: Final = 48
WINDOW_CANVAS: Final = 192
# A hint this near to a window's edge, in pixels of the level, is not covered by it: its face may be cut.
_EDGE: Final = 12
# Hints weighed in one picture: what noise as large as the largest picture may cost.
_HINTS_MAX: Final = 4000
# Log odds that the scout gives to clutter now and then; only what is above speaks for a face.
_CLUTTER_LOG_ODDS: Final = 1.0
# No score counts as surer than this far from 0 and 1.
_SCORE_BOUND: Final = 0.01
# Faces this sure are not looked for again.
_SURE_SCORE: Final = 0.5


@dataclass(frozen=True, slots=True)
class LevelHints:
    """Hints of one level.

    Attributes:
        reduction: stored pixels per pixel of the level: 1, 2, 4, ...
        hints: what the scout saw.
    """

    reduction: int
    hints: Hints


def plan_reductions(overview_scale: float) -> tuple[int, ...]:
    """List the levels on which faces must be looked for that the overview may miss.

    Args:
        overview_scale: canvas pixels of the overview per stored pixel.
    """
    smallest_seen = OVERVIEW_FACE / overview_scale
    reductions = []
    reduction = 1
    while LARGEST_FACE * reduction / 2 < smallest_seen:
        reductions.append(reduction)
        reduction *= 2
    return tuple(reductions)


def plan_windows(levels: Sequence[LevelHints], found: Detections, size: ImageSize, windows_max: int) -> list[View]:
    """Choose windows that cover the hints, the likeliest first.

    Args:
        levels: hints of all levels.
        found: faces of the overview, stored pixels; hints inside them are their own eyes and mouths.
        size: of the stored picture.
        windows_max: no more windows than this.

    Returns:
        Views of at most `windows_max` windows, each drawn at `CLOSER_ZOOM` pixels per pixel of its level.
    """
    sure = found.boxes[found.scores >= _SURE_SCORE]
    queue = sorted(
        (
            (-float(score), level.reduction, float(x) * level.reduction, float(y) * level.reduction)
            for level in levels
            for score, (x, y) in zip(level.hints.scores, level.hints.centers, strict=True)
        ),
    )
    windows: list[tuple[int, Window]] = []
    for _, reduction, x, y in queue[:_HINTS_MAX]:
        if len(windows) >= windows_max:
            break
        if _lies_in_any(sure, x, y) or any(
            _covers(window, x, y, size, _EDGE * reduction) for done, window in windows if done == reduction
        ):
            continue
        windows.append((reduction, _around(x, y, WINDOW_SIDE * reduction, size)))
    return [view_part(size, window, CLOSER_ZOOM / reduction) for reduction, window in windows]


def heed_hints(found: Detections, levels: Sequence[LevelHints]) -> Detections:
    """Believe a face seen in a closer look the more, the surer the scout was of it.

    Args:
        found: in stored pixels.
        levels: all that the scout said.

    Returns:
        The same detections; log odds of the score raised by those of the strongest hint on the face, as far as they
        exceed what the scout says of clutter. Nothing is ever held against a face.
    """
    if not len(found):
        return found
    centers = np.concatenate([level.hints.centers * np.float32(level.reduction) for level in levels])
    suspicion = np.concatenate([level.hints.scores for level in levels])
    x, y = centers[None, :, 0], centers[None, :, 1]
    left, top, right, bottom = (found.boxes[:, edge, None] for edge in range(4))
    on_face = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
    strongest = np.where(on_face, suspicion, np.float32(0.5)).max(axis=1, initial=0.5)
    gain = np.clip(log_odds(strongest, _SCORE_BOUND) - _CLUTTER_LOG_ODDS, 0.0, None)
    scores = to_scores(log_odds(found.scores, _SCORE_BOUND) + gain)
    return Detections(found.boxes, scores, found.landmarks)


def _around(x: float, y: float, side: int, size: ImageSize) -> Window:
    """Centre a square on a place, moved inside the picture and cut to it where the picture is smaller."""
    width, height = min(side, size.width), min(side, size.height)
    left = min(max(0, round(x - width / 2)), size.width - width)
    top = min(max(0, round(y - height / 2)), size.height - height)
    return Window(left, top, width, height)


def _covers(window: Window, x: float, y: float, size: ImageSize, edge: int) -> bool:
    """Whether a place lies in a window, and not near an edge behind which the picture goes on."""
    return _spans(window.left, window.width, x, size.width, edge) and _spans(
        window.top, window.height, y, size.height, edge
    )


def _spans(start: int, extent: int, place: float, picture_extent: int, edge: int) -> bool:
    """The same along one axis."""
    low = start + edge if start > 0 else start
    high = start + extent - edge if start + extent < picture_extent else picture_extent
    return low <= place <= high


def _lies_in_any(boxes: FloatArray, x: float, y: float) -> bool:
    inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
    return bool(inside.any())

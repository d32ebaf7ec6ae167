"""Which face of one frame is which of the frames before: by its place, and by whom it looks like.

The rule, first to last, each face and each track at most once:

1. Place (in a video only): the boxes overlap by at least `OVERLAP_MIN` (intersection over union), the track was seen
   at most `GAP_S_MAX` ago, and the two do not look like strangers, that is, their similarity is not below
   `STRANGER_SIMILARITY`. The largest overlap goes first.
2. Looks: the similarity to the mean of the track is at least `SAME_SIMILARITY`, however long ago the track was seen.
   The nearest goes first.
3. Otherwise the face begins a new track.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray, pairwise_iou
from oss_faces.recognition.calibration import Calibration
from oss_faces.recognition.settings import SAME_SIMILARITY

OVERLAP_MIN: Final = 0.3
GAP_S_MAX: Final = 1.0
STRANGER_SIMILARITY: Final = 0.1
TRACKS_MAX: Final = 500
"""Tracks that are remembered; of more, the one that was seen longest ago is forgotten."""


@dataclass(slots=True)
class _Track:
    """One person as far as seen; changes with every frame that shows it.

    Attributes:
        sum: of all its vectors.
        mean: the same, of length 1.
    """

    number: int
    box: FloatArray
    sum: FloatArray
    mean: FloatArray
    seen_s: float

    def see(self, box: FloatArray, vector: FloatArray, time_s: float) -> None:
        """Note one more frame."""
        self.box, self.seen_s = box, time_s
        self.sum = self.sum + vector
        length = float(np.linalg.norm(self.sum))
        self.mean = self.sum / np.float32(length) if length else self.sum


class Tracker:
    """Follows faces from frame to frame. Tracks are numbered from 1 in the order in which they begin."""

    def __init__(self, calibration: Calibration) -> None:
        self._stranger_distance = calibration.distance_of(STRANGER_SIMILARITY)
        self._same_distance = calibration.distance_of(SAME_SIMILARITY)
        self._tracks: list[_Track] = []
        self._count = 0

    def follow(self, boxes: FloatArray, vectors: FloatArray, time_s: float | None) -> tuple[int, ...]:
        """Give the track of each face of the next frame.

        Args:
            boxes: (N, 4) float32, xyxy, source pixels.
            vectors: (N, D) float32 of length 1, in the same order and of the space of the calibration.
            time_s: of the frame, never before that of the last one; `None` for pictures that are no film, in which a
                place says nothing.
        """
        found: dict[int, _Track] = {}
        for pair in (self._by_place(boxes, vectors, time_s), self._by_looks(vectors)):
            for face, place in pair:
                track = self._tracks[place]
                if face not in found and all(track is not other for other in found.values()):
                    found[face] = track
        numbers = tuple(
            self._seen(found.get(face), boxes[face], vectors[face], time_s or 0.0) for face in range(len(boxes))
        )
        # The one seen last stands last.
        shown = set(numbers)
        self._tracks.sort(key=lambda track: track.number in shown)
        del self._tracks[: max(0, len(self._tracks) - TRACKS_MAX)]
        return numbers

    def _by_place(self, boxes: FloatArray, vectors: FloatArray, time_s: float | None) -> Iterator[tuple[int, int]]:
        """Pairs of faces and tracks that may be one by rule 1, the best first."""
        if time_s is None or not self._tracks:
            return iter(())
        overlap = pairwise_iou(boxes, np.stack([track.box for track in self._tracks]))
        recent = np.array([time_s - track.seen_s <= GAP_S_MAX for track in self._tracks])
        near = self._distances(vectors) <= self._stranger_distance
        return _best_first(-overlap, (overlap >= OVERLAP_MIN) & recent & near)

    def _by_looks(self, vectors: FloatArray) -> Iterator[tuple[int, int]]:
        """The same by rule 2."""
        if not self._tracks:
            return iter(())
        distances = self._distances(vectors)
        return _best_first(distances, distances <= self._same_distance)

    def _distances(self, vectors: FloatArray) -> FloatArray:
        """Distance of every face (N) to the mean of every track (M): (N, M)."""
        means = np.stack([track.mean for track in self._tracks])
        return np.asarray(np.sqrt(np.maximum(2 - 2 * (vectors @ means.T), 0)), np.float32)

    def _seen(self, track: _Track | None, box: FloatArray, vector: FloatArray, time_s: float) -> int:
        """Note a face in its track, or begin one; return the number."""
        if track is None:
            self._count += 1
            track = _Track(self._count, box, np.zeros_like(vector), vector, time_s)
            self._tracks.append(track)
        track.see(box, vector, time_s)
        return track.number


def _best_first(costs: FloatArray, allowed: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Give the allowed (row, column) places by rising cost; equals in the order of rows, then columns."""
    order = np.argsort(costs, axis=None, kind="stable")
    rows, columns = np.unravel_index(order[allowed.ravel()[order]], costs.shape)
    return zip(rows.tolist(), columns.tolist(), strict=True)

"""Search and re-embedding in the database in memory: exact, one product."""

from collections.abc import Mapping, Sequence

import numpy as np

from oss_faces.datasets import Candidate, Dataset, DatasetRef, Figure
from oss_faces.facedb import refusals
from oss_faces.facedb.memory_state import KeptDataset, MemoryState
from oss_faces.geometry import FloatArray
from oss_faces.vectors import Matches, nobody


class MemoryGallery:
    """The methods of `Gallery`."""

    _state: MemoryState

    async def search(
        self, ref: DatasetRef, probes: FloatArray, space: str, count: int
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Find the nearest kept figures; see `Gallery`."""
        figures = self._state.dataset(ref).figures
        matches = await self.nearest(ref, probes, space, count)
        return tuple(
            tuple(Candidate(figures[int(number)], float(distance)) for number, distance in zip(*row, strict=True))
            for row in zip(matches.numbers, matches.distances, strict=True)
        )

    async def nearest(self, ref: DatasetRef, probes: FloatArray, space: str, count: int) -> Matches:
        """Find the nearest kept figures by number; see `Gallery`."""
        kept = self._state.dataset(ref)
        if kept.space not in ("", space):
            raise refusals.other_space(space, kept.space)
        held = kept.vectors.get(space, {})
        if not held:
            return nobody(len(probes), 0)
        numbers = np.array(sorted(held), np.int64)
        gallery = np.stack([held[number] for number in numbers.tolist()])
        distances = np.stack([np.linalg.norm(gallery - probe, axis=1) for probe in probes] or [gallery[:0, 0]])
        order = np.argsort(distances, axis=1, kind="stable")[:, :count]
        return Matches(numbers[order], np.take_along_axis(distances, order, axis=1))

    async def gallery_size(self, ref: DatasetRef) -> int:
        """Tell how many figures can be found; see `Gallery`."""
        kept = self._state.dataset(ref)
        return len(kept.vectors.get(kept.space, {}))

    async def figures(self, ref: DatasetRef, cluster_id: str) -> tuple[Figure, ...]:
        """Give all figures of a cluster; see `Gallery`."""
        kept = self._state.dataset(ref)
        return kept.members(cluster_id) if cluster_id in kept.clusters else ()

    async def vectors(self, ref: DatasetRef, numbers: Sequence[int]) -> FloatArray:
        """Give the vectors of figures; see `Gallery`."""
        return stacked(self._state.dataset(ref), numbers)


class MemoryReembedding:
    """The methods of `Reembedding`."""

    _state: MemoryState

    async def without_vector(self, ref: DatasetRef, space: str, limit: int, after: int = 0) -> tuple[Figure, ...]:
        """Name figures that have no vector in a space yet; see `Reembedding`."""
        kept = self._state.dataset(ref)
        held = kept.vectors.get(space, {})
        lacking = (number for number in sorted(kept.figures) if number not in held and number > after)
        return tuple(kept.figures[number] for number in lacking)[:limit]

    async def add_vectors(self, ref: DatasetRef, space: str, vectors: Mapping[int, FloatArray]) -> int:
        """Keep vectors of another space; see `Reembedding`."""
        kept = self._state.dataset(ref)
        held = kept.vectors.get(space, {})
        new = {
            number: np.asarray(vector, np.float32).copy()
            for number, vector in vectors.items()
            if number in kept.figures and number not in held
        }
        if new:
            kept.vectors.setdefault(space, {}).update(new)
        return len(new)

    async def switch_space(self, ref: DatasetRef, space: str) -> Dataset:
        """Search in another space from now on; see `Reembedding`."""
        kept = self._state.dataset(ref)
        held = kept.vectors.get(space, {})
        if len(held) < len(kept.figures):
            raise refusals.not_complete(len(kept.figures) - len(held), space)
        kept.vectors = {space: held}
        kept.space = space
        kept.updated = self._state.now()
        return self._state.described(ref)

    async def forget_space(self, ref: DatasetRef, space: str) -> None:
        """Give up the way to a space; see `Reembedding`."""
        kept = self._state.dataset(ref)
        if space == kept.space:
            raise refusals.space_searched(space)
        kept.vectors.pop(space, None)


def stacked(kept: KeptDataset, numbers: Sequence[int]) -> FloatArray:
    """Give vectors of the space that is searched as one array, in this order."""
    held = kept.vectors.get(kept.space, {})
    if not all(number in held for number in numbers):
        raise refusals.no_figure()
    if not numbers:
        return np.zeros((0, len(next(iter(held.values()), ()))), np.float32)
    return np.stack([held[number] for number in numbers])

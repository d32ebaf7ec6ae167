"""Average linkage: the two nearest groups become one, again and again, until none are near enough.

Near is the mean squared distance over all pairs of two groups, so one pair of strangers who look alike does not join
two persons. The result depends on which faces there are and not on their order.
"""

import heapq
from collections.abc import Iterable, Sequence

from oss_faces.clustering.groups import Group


class Linkage:
    """Groups that grow together. A group is known by its place; grown ones get new places at the end."""

    def __init__(self, groups: Sequence[Group], fixed: int, limit: float) -> None:
        """Begin.

        Args:
            groups: all that there are.
            fixed: the first so many are different persons for certain: two of them never become one.
            limit: distance below which groups are one, see `Group.distances`.
        """
        self._groups = dict(enumerate(groups))
        self._members: dict[int, tuple[int, ...]] = {place: (place,) for place in self._groups}
        self._fixed = {place: place < fixed for place in self._groups}
        self._square = limit**2
        self._near: dict[int, set[int]] = {}
        self._heap: list[tuple[float, int, int]] = []
        self._next = len(groups)

    def run(self, pairs: Iterable[tuple[int, int]]) -> list[tuple[Group, tuple[int, ...]]]:
        """Join groups, and give what has become of them, with the places of those that went into each.

        Args:
            pairs: of places that may be near; groups between which there is no chain of them are never joined.
        """
        for first, second in pairs:
            self._near.setdefault(first, set()).add(second)
            self._near.setdefault(second, set()).add(first)
        for place, others in self._near.items():
            self._push(place, [other for other in others if other > place])
        while self._heap:
            _, first, second = heapq.heappop(self._heap)
            if first in self._groups and second in self._groups and self._may_join(first, second):
                self._join(first, second)
        return [(group, self._members[place]) for place, group in self._groups.items()]

    def _may_join(self, first: int, second: int) -> bool:
        """Two known persons are two, and whoever is on one picture twice is not one person."""
        if self._fixed[first] and self._fixed[second]:
            return False
        return self._groups[first].pictures.isdisjoint(self._groups[second].pictures)

    def _join(self, first: int, second: int) -> None:
        place, self._next = self._next, self._next + 1
        self._groups[place] = self._groups.pop(first).joined(self._groups.pop(second))
        self._members[place] = self._members.pop(first) + self._members.pop(second)
        self._fixed[place] = self._fixed[first] or self._fixed[second]
        others = (self._near.pop(first) | self._near.pop(second)) - {first, second}
        for other in others:
            near = self._near[other]
            near.discard(first)
            near.discard(second)
            near.add(place)
        self._near[place] = others
        self._push(place, sorted(others))

    def _push(self, place: int, others: Sequence[int]) -> None:
        if not others:
            return
        squares = self._groups[place].distances([self._groups[other] for other in others])
        for other, square in zip(others, squares.tolist(), strict=True):
            if square < self._square:
                heapq.heappush(self._heap, (square, min(place, other), max(place, other)))

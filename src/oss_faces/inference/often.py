"""Which shapes come so often that a network is worth being compiled for them alone."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

# The shape of each input, by name.
Shapes = tuple[tuple[str, tuple[int, ...]], ...]
Plan = TypeVar("Plan")
"""What an engine made for one shape."""

# Shapes whose calls are counted; what comes once in many others is forgotten.
_COUNTED_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class OftenLimits:
    """What plans may cost.

    Attributes:
        calls: a shape gets its plan after so many calls; each plan after the first `kept` takes twice as many as the
            one before, so that shapes in turn do not make plans in turn.
        kept: most plans at a time; the one whose last call is the longest ago gives way.
    """

    calls: int = 256
    kept: int = 4


class OftenAsked(Generic[Plan]):
    """Plans for the shapes that come often. Safe to be called from several threads at once.

    Args:
        make: makes the plan of a shape, in the call that was one too many; all others go on without it.
    """

    def __init__(self, make: Callable[[Shapes], Plan], limits: OftenLimits) -> None:
        self._make = make
        self._limits = limits
        self._plans: OrderedDict[Shapes, Plan] = OrderedDict()
        self._asked: OrderedDict[Shapes, int] = OrderedDict()
        self._wanted = limits.calls
        self._made = 0
        self._lock = Lock()

    def find(self, shapes: Shapes) -> Plan | None:
        """Give the plan of a shape, which this call may be the one to make; `None` where it does not come often."""
        with self._lock:
            plan = self._plans.get(shapes)
            if plan is not None:
                self._plans.move_to_end(shapes)
                return plan
            if not self._is_one_too_many(shapes):
                return None
            if self._made >= self._limits.kept:
                self._wanted *= 2
            self._made += 1
        return self.add(shapes)

    def add(self, shapes: Shapes) -> Plan:
        """Make the plan of a shape now."""
        plan = self._make(shapes)
        with self._lock:
            self._plans[shapes] = plan
            while len(self._plans) > self._limits.kept:
                self._plans.popitem(last=False)
        return plan

    def _is_one_too_many(self, shapes: Shapes) -> bool:
        asked = self._asked.pop(shapes, 0) + 1
        if asked > self._wanted:
            # Whoever calls with it while the plan is made begins to count anew.
            return True
        self._asked[shapes] = asked
        if len(self._asked) > _COUNTED_MAX:
            self._asked.popitem(last=False)
        return False

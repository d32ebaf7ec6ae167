"""Which ways through the code an input takes: pairs of lines that were run one after the other."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

Step = tuple[CodeType | None, int, int]
"""Two lines of one function, the second of which was run after the first."""


class Coverage:
    """Collects the steps of this thread inside `following`, and remembers those that were ever seen.

    Args:
        traced: parts of paths; the lines of files whose path has one of them are followed.
    """

    def __init__(self, traced: tuple[str, ...]) -> None:
        self._traced = traced
        self._seen: set[Step] = set()
        self._now: set[Step] = set()
        self._is_traced: dict[CodeType, bool] = {}

    @property
    def steps(self) -> int:
        """How many steps were ever seen."""
        return len(self._seen)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Collect the steps of the block, from none."""
        self._now = set()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(None)

    def keep_new(self) -> int:
        """Remember the steps of the last block; return how many of them were new."""
        new = len(self._now - self._seen)
        self._seen |= self._now
        return new

    def _enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        is_traced = self._is_traced.get(code)
        if is_traced is None:
            is_traced = self._is_traced[code] = any(part in code.co_filename for part in self._traced)
        if not is_traced:
            return None
        before, add = 0, self._now.add

        def follow(inner: FrameType, event: str, _argument: Any) -> Any:
            nonlocal before
            if event == "line":
                add((code, before, inner.f_lineno))
                before = inner.f_lineno
            return follow

        return follow

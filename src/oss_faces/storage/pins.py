import threading
from collections import Counter
from collections.abc import Sequence


class Pins:
    """Contents that readers hold by their names, so that a removal waits until the last of them has let go.

    An open file needs none: it outlives its name. An object of many pieces would need too many open files. What is
    still pinned when the process ends is left over, and removed at the next start. May be used from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._doomed: set[str] = set()

    def hold(self, content_ids: Sequence[str]) -> None:
        """Keep these from being removed."""
        with self._lock:
            self._held.update(content_ids)

    def let_go(self, content_ids: Sequence[str]) -> list[str]:
        """Undo one `hold`. Return those that are to be removed now."""
        with self._lock:
            self._held.subtract(content_ids)
            free = [content_id for content_id in content_ids if self._held[content_id] <= 0]
            for content_id in free:
                del self._held[content_id]
            removable = self._doomed.intersection(free)
            self._doomed -= removable
            return sorted(removable)

    def doom(self, content_ids: Sequence[str]) -> list[str]:
        """Ask for the removal of these. Return those that nobody holds; the others come from `let_go`."""
        with self._lock:
            held = {content_id for content_id in content_ids if self._held[content_id] > 0}
            self._doomed |= held
            return [content_id for content_id in content_ids if content_id not in held]

    @property
    def has_doomed(self) -> bool:
        """Whether removals still wait."""
        with self._lock:
            return bool(self._doomed)

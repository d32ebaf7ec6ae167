"""Results that were worked out before: in memory only, for a while only, and never beyond their picture.

Who looks here has found the picture there, readable for this caller and unchanged, in the moment before. The place of
the object is part of what a result is kept under: an ETag need not be a digest of the content, and nobody shall learn
from the time of an answer that a picture of his is in somebody else's bucket, too.
"""

import pickle
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from oss_faces.operations.settings import CacheSettings
from oss_faces.protocol import Edit
from oss_faces.values import Address, FaceResult, ObjectMeta

_ENTRY_BYTES: Final = 1024
"""What an entry takes beside its result: its key, and its place in the table."""

_TOLD_MAX: Final = 16
"""So many access keys are remembered for an object, those that were told last."""
_TOLD_BYTES: Final = 128
"""What each of them takes beside its id."""


@dataclass(frozen=True, slots=True)
class ResultKey:
    """What a result depends on, apart from settings, which stay the same as long as the cache lives."""

    source: Address
    etag: str
    size_bytes: int
    edits: tuple[Edit, ...]
    models: tuple[str, ...]

    @classmethod
    def of(cls, source: Address, meta: ObjectMeta, edits: tuple[Edit, ...], models: tuple[str, ...]) -> "ResultKey":
        """Make the key for a stored picture as it is now."""
        return cls(source, meta.etag, meta.size_bytes, edits, models)


@dataclass(slots=True)
class _Source:
    """An object of which results are kept: how many, and which access keys were told one."""

    kept: int = 0
    told: dict[str, None] = field(default_factory=dict)

    @property
    def told_bytes(self) -> int:
        """Memory that the access keys take."""
        return sum(_TOLD_BYTES + len(one) for one in self.told)

    def note_told(self, access_key_id: str) -> None:
        """Put an access key last; of too many the first is forgotten."""
        self.told.pop(access_key_id, None)
        self.told[access_key_id] = None
        if len(self.told) > _TOLD_MAX:
            del self.told[next(iter(self.told))]


class ResultCache:
    """Keeps results as bytes, so that their memory is known exactly. The oldest goes first."""

    def __init__(self, settings: CacheSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._kept: OrderedDict[ResultKey, tuple[float, bytes]] = OrderedDict()
        self._sources: dict[Address, _Source] = {}
        self._size_bytes = 0
        self._hits = 0
        self._asked = 0

    @property
    def size_bytes(self) -> int:
        """Memory that is taken."""
        return self._size_bytes

    @property
    def hit_rate(self) -> float:
        """Share of the questions that were answered, since the start; 0 before the first."""
        return self._hits / self._asked if self._asked else 0.0

    def get(self, key: ResultKey) -> FaceResult | None:
        """Give the result, marked as kept and without the times of its making, or `None`."""
        self._forget_old()
        self._asked += 1
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._hits += 1
        result: FaceResult = pickle.loads(kept[1])  # noqa: S301  written below
        return replace(result, is_cached=True, stage_ms={})

    def put(self, key: ResultKey, result: FaceResult) -> None:
        """Keep a result, if it fits at all; the oldest ones make room."""
        # Without an ETag nobody can tell whether it is the same picture the next time.
        limit = self._settings.size_bytes_max if key.etag else 0
        content = pickle.dumps(replace(result, stage_ms={}), pickle.HIGHEST_PROTOCOL) if limit else b""
        if not content or len(content) + _ENTRY_BYTES > limit:
            return
        if key in self._kept:
            self._drop(key)
        self._kept[key] = (self._monotonic() + self._settings.age_s_max, content)
        self._sources.setdefault(key.source, _Source()).kept += 1
        self._size_bytes += len(content) + _ENTRY_BYTES
        self._make_room()

    def note_told(self, source: Address, access_key_id: str) -> None:
        """Remember, as long as a result of this object is kept, that this access key was told one."""
        known = self._sources.get(source)
        if known is not None:
            before = known.told_bytes
            known.note_told(access_key_id)
            self._size_bytes += known.told_bytes - before
            self._make_room()

    def may_know(self, source: Address, access_key_id: str) -> bool:
        """Tell whether a result of this object is kept that this access key was told: perhaps what is asked next."""
        self._forget_old()
        known = self._sources.get(source)
        return known is not None and access_key_id in known.told

    def _make_room(self) -> None:
        while self._size_bytes > self._settings.size_bytes_max:
            self._drop(next(iter(self._kept)))

    def _forget_old(self) -> None:
        now = self._monotonic()
        while self._kept and next(iter(self._kept.values()))[0] <= now:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: ResultKey) -> None:
        self._size_bytes -= len(self._kept.pop(key)[1]) + _ENTRY_BYTES
        source = self._sources[key.source]
        source.kept -= 1
        if not source.kept:
            del self._sources[key.source]
            self._size_bytes -= source.told_bytes

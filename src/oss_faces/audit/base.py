"""What every audit log can do, and the values that go in and out.

Rules for each, checked by tests/contracts/audit: an entry is on the disk when `record` returns, there is no call that
changes or removes one, and each carries a digest over itself and the digest of the one before. Whoever changes an entry
behind our back, takes one out or puts one in breaks that chain, and `check` says where. Entries cut off at the end
break nothing: for that the last digest has to be noted somewhere else, which is why every reader is shown it.

The log outlives the people in it. It therefore names nobody: subjects are ids that mean nothing once what they belong
to is erased. Never record a name, a URI, a vector or a picture.

Every method may raise StorageUnavailable.
"""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from oss_faces.datasets import DatasetRef

# Tells the time as aware UTC; a constructor argument of every implementation.
Clock: TypeAlias = Callable[[], datetime]

SUBJECTS_MAX: Final = 1000
COUNTS_MAX: Final = 16
TEXT_MAX: Final = 128
_SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_COUNT_NAME: Final = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)


class Act(enum.StrEnum):
    """What was done."""

    INDEX = "index"
    """Faces of a stored picture were found and kept."""
    ENROL = "enrol"
    """Somebody said whose faces these are."""
    SEARCH = "search"
    """Faces were compared with everybody in a dataset."""
    COMPARE = "compare"
    """Two faces were compared with each other."""
    CLUSTER = "cluster"
    """Faces were sorted into people by the machine."""
    READ = "read"
    """What is known of people was looked at: names, clusters, files with their faces."""
    UPDATE = "update"
    """What is said about a person, a file or a dataset was changed."""
    MERGE = "merge"
    UNDO_MERGE = "undo_merge"
    SPLIT = "split"
    EXPORT = "export"
    """Everything that is kept about a person was handed out."""
    ERASE_BEGUN = "erase_begun"
    """Written before the first byte goes, so that no erasure is without a trace."""
    ERASE = "erase"
    """A person, a file or a dataset was erased."""
    EXPIRE = "expire"
    """Files were erased because they had outlived the retention of their dataset."""


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to whom.

    Attributes:
        actor: `key:` and the access key id, `cli:` and the name of the system's user, or `server` for what it does by
            itself.
        ref: the dataset that it was about; None for none.
        subjects: ids of clusters, files or tasks, at most `SUBJECTS_MAX`. They name nobody.
        counts: numbers by lower-case names, for instance `{"faces": 3}`.
    """

    act: Act
    actor: str
    ref: DatasetRef | None = None
    subjects: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert 0 < len(self.actor) <= TEXT_MAX, "an actor has 1 to 128 characters"
        assert len(self.subjects) <= SUBJECTS_MAX, "too many subjects for one entry"
        assert all(_SUBJECT.fullmatch(subject) for subject in self.subjects), "a subject is an id"
        assert len(self.counts) <= COUNTS_MAX, "too many counts for one entry"
        assert all(_COUNT_NAME.fullmatch(name) for name in self.counts), "a count has a lower-case name"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it was recorded.

    Attributes:
        number: 1 for the first, without a gap.
        recorded: aware UTC.
        digest: hexadecimal SHA-256 over the digest before and everything in this entry.
    """

    number: int
    recorded: datetime
    event: Event
    digest: str


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Some entries.

    Attributes:
        after: only entries with a higher number.
        subject: only entries about this id; empty for all.
        acts: only these; empty for all.
        since: only entries recorded at this time or later, aware UTC.
    """

    after: int = 0
    subject: str = ""
    acts: tuple[Act, ...] = ()
    since: datetime | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries by number; `next_after` is the number of the last one when there are more, else 0."""

    entries: tuple[Entry, ...]
    next_after: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the chain found.

    Attributes:
        entries: how many were looked at.
        digest: of the last one that is whole; empty when there is none.
        broken_at: number of the first entry that is not as it was recorded, or that is missing; None: all are.
    """

    entries: int
    digest: str
    broken_at: int | None = None


class Audit(Protocol):
    """An append-only log."""

    async def record(self, event: Event) -> Entry:
        """Add an entry; it is on the disk when the call returns.

        What is only read is recorded before the answer is given; a change right after it was made.
        """
        ...

    async def entries(self, query: AuditQuery) -> AuditPage:
        """Give one page of entries."""
        ...

    async def check(self) -> Finding:
        """Follow the chain from the first entry to the last."""
        ...

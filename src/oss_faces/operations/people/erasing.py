"""Erasure of a person with a receipt, of what has outlived its time, and everything that is kept about somebody."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import anyio.to_thread

from oss_faces.audit import Act, Audit, AuditQuery, Entry, Event, Traces
from oss_faces.datasets import DatasetRef, Figure, FigureCluster, IndexedFile
from oss_faces.errors import StorageUnavailable
from oss_faces.facedb import Erasure, FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.operations.indexing import withdraw_files
from oss_faces.operations.people.gallery import People
from oss_faces.tasks import Tasks

STORED_PREFIX: Final = "oss://"
_UNFINISHED: Final = (
    "The person is erased, but the bytes are still in files of the data folder that somebody else was using. The next "
    "of these commands, or the next start of a server, removes them. There is no receipt."
)
_EXPIRED_AT_ONCE: Final = 100
_ENTRIES_AT_ONCE: Final = 1000
_FILES_AT_ONCE: Final = 100

# Looks for bytes in every file of the data folder.
TraceFinder = Callable[[Sequence[bytes]], Traces]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof of an erasure. It names nobody: keep it with the request that it answers.

    Attributes:
        entry: of the audit log; its digest ties the receipt to the log.
        traces: what a search of the data folder for the erased vectors found; None when nobody searched.
        outside: what else held the vectors and was not searched; empty: nothing.
    """

    receipt_id: str
    ref: DatasetRef
    cluster_id: str
    erasure: Erasure
    entry: Entry
    traces: Traces | None
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure came to.

    Attributes:
        stored: pictures in buckets that showed the person and are still there: they are not the database's to delete.
        not_searched: why the data folder could not be searched; empty when it was, or was not to be.
    """

    receipt: Receipt
    stored: tuple[str, ...]
    not_searched: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything that is kept about a person.

    Attributes:
        vectors: (N, D) float32, one for each figure.
        files: on which the figures are, with everybody on them; only the figures are the person's.
        entries: of the audit log, about this person.
    """

    person: FigureCluster
    figures: tuple[Figure, ...]
    vectors: FloatArray
    files: tuple[IndexedFile, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Eraser:
    """Everything that erasure and export need; `actor`: see `Event.actor`, `outside`: see `Receipt.outside`."""

    people: People
    audit: Audit
    actor: str
    tasks: Tasks
    outside: str = ""

    async def forget(self, who: str, find_traces: TraceFinder | None) -> Forgotten:
        """Erase a person, and prove it; arguments and errors as below.

        Raises:
            ResourceNotFound: nobody is called so.
        """
        return await self.forget_person(await self.people.find(who), find_traces)

    async def forget_person(self, person: FigureCluster, find_traces: TraceFinder | None) -> Forgotten:
        """Erase a person who has been found, and prove it.

        Args:
            find_traces: looks for the erased vectors afterwards; None: nobody does.

        Raises:
            ResourceNotFound: somebody else was faster.
            StorageUnavailable: nothing was erased; or it was, and its bytes are not gone from the disk yet.
        """
        database, ref = self.people.database, self.people.ref
        figures = await database.figures(ref, person.cluster_id)
        vectors = await database.vectors(ref, [figure.number for figure in figures])
        stored = tuple(sorted({figure.uri for figure in figures if figure.uri.startswith(STORED_PREFIX)}))
        subject = (person.cluster_id,)
        await self.audit.record(Event(Act.ERASE_BEGUN, self.actor, ref, subject))
        await withdraw_files(self.tasks, ref, {figure.uri for figure in figures})
        try:
            erasure = await database.erase_cluster(ref, person.cluster_id)
        except StorageUnavailable as exc:
            if await database.get_clusters(ref, [person.cluster_id]):
                raise
            await self.audit.record(Event(Act.ERASE, self.actor, ref, subject, {"figures": len(figures)}))
            raise StorageUnavailable(_UNFINISHED, context=exc.context) from exc
        counts = {"figures": erasure.figures, "files": erasure.files, "clusters": erasure.clusters}
        entry = await self.audit.record(Event(Act.ERASE, self.actor, ref, subject, counts))
        traces, failure = None, ""
        if find_traces is not None:
            try:
                traces = await anyio.to_thread.run_sync(find_traces, [vector.tobytes() for vector in vectors])
            except OSError as exc:
                # The person is gone by now: whoever asked gets the receipt, and the reason.
                failure = str(exc)
        receipt = Receipt(str(uuid.uuid4()), ref, person.cluster_id, erasure, entry, traces, self.outside)
        return Forgotten(receipt, stored, failure)

    async def export(self, who: str) -> Exported:
        """Give everything that is kept about a person.

        Raises:
            ResourceNotFound: nobody is called so.
        """
        database, ref = self.people.database, self.people.ref
        person = await self.people.find(who)
        figures = await database.figures(ref, person.cluster_id)
        vectors = await database.vectors(ref, [figure.number for figure in figures])
        uris = sorted({figure.uri for figure in figures})
        files: list[IndexedFile] = []
        for begin in range(0, len(uris), _FILES_AT_ONCE):
            files.extend(await database.get_files(ref, uris[begin : begin + _FILES_AT_ONCE]))
        await self.audit.record(
            Event(Act.EXPORT, self.actor, ref, (person.cluster_id,), {"figures": len(figures), "files": len(files)})
        )
        return Exported(person, figures, vectors, tuple(files), await self._entries(person.cluster_id))

    async def _entries(self, cluster_id: str) -> tuple[Entry, ...]:
        """Read all that the log has about a person, page by page."""
        entries: list[Entry] = []
        query = AuditQuery(subject=cluster_id, limit=_ENTRIES_AT_ONCE)
        while True:
            page = await self.audit.entries(query)
            entries.extend(page.entries)
            if not page.next_after:
                return tuple(entries)
            query = replace(query, after=page.next_after)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Erases files that have outlived the retention of their dataset, in all datasets; `actor`: see `Event.actor`."""

    database: FaceDatabase
    audit: Audit
    now: Callable[[], datetime]
    actor: str = "server"

    async def sweep(self) -> int:
        """Erase everything whose time is over, and tell how many files that were."""
        erased = 0
        while True:
            expired = await self.database.expired_files(self.now(), _EXPIRED_AT_ONCE)
            gone: dict[DatasetRef, int] = {}
            try:
                for ref in dict.fromkeys(ref for ref, _ in expired):
                    uris = [uri for own, uri in expired if own == ref]
                    try:
                        gone[ref] = await self.database.delete_files(ref, uris)
                    except StorageUnavailable:
                        # Held up by a reader, it has happened all the same.
                        gone[ref] = len(uris) - len(await self.database.get_files(ref, uris))
                        raise
            finally:
                for ref, files in gone.items():
                    if files:
                        await self.audit.record(Event(Act.EXPIRE, self.actor, ref, counts={"files": files}))
            erased += sum(gone.values())
            if not any(gone.values()):
                return erased

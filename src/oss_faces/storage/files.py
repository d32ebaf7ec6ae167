"""Contents on their way in and out of the embedded store: the async side of the content folder."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Final, TypeVar

from anyio import CancelScope

from oss_faces.storage.content import ContentFolder, StagedContent
from oss_faces.storage.local_object import ContentReader, PiecedContent, WholeContent
from oss_faces.storage.pins import Pins
from oss_faces.storage.receiving import Announced, blocks, check_received
from oss_faces.storage.rows import Record
from oss_faces.storage.settings import StorageSettings
from oss_faces.storage.threads import Threads

_log: Final = logging.getLogger(__name__)

Kept = TypeVar("Kept")


class ContentFiles:
    """Receives bodies, opens contents, and removes what no record names any more.

    Attributes:
        reads, writes: the threads in which all blocking calls of the store run.
        has_orphans: whether files are left over that only a sweep will remove.
    """

    def __init__(self, settings: StorageSettings, folder: ContentFolder) -> None:
        self.reads = Threads(settings.reads_max)
        self.writes = Threads(settings.writes_max)
        self._settings = settings
        self._folder = folder
        self._pins = Pins()
        self._orphans_noted = False

    @property
    def has_orphans(self) -> bool:
        """See above."""
        return self._orphans_noted or self._pins.has_doomed

    async def receive(
        self,
        body: AsyncIterator[bytes],
        spec: Announced,
        size_bytes_max: int,
        keep: Callable[[StagedContent], Kept],
    ) -> Kept:
        """Write a body to a file of its own and check it; what `keep`, in a thread, does not keep is removed.

        Raises:
            EntityTooLarge, IncompleteBody, InvalidDigest: the body is not the one that was announced.
        """
        staged = self._folder.stage()
        try:
            async with aclosing(blocks(body, spec, size_bytes_max, self._settings.chunk_bytes)) as received:
                async for block in received:
                    await self.writes.run(staged.add, block)
            check_received(staged.fingerprint, spec)
            return await self.writes.run(keep, staged)
        finally:
            with CancelScope(shield=True):
                await self.writes.run(self._discard, staged)

    # --- in threads ----------------------------------------------------------------------------------------

    def open(self, record: Record) -> ContentReader:
        """Open the content of a record.

        Raises:
            FileNotFoundError: the content is gone. Of one in pieces this is seen only when they are read, so the
                caller has to look afterwards whether the record still stands: then no piece goes while it is open.
        """
        if not record.pieces:
            return WholeContent(self._folder.open(record.content_id))
        content_ids = [piece.content_id for piece in record.pieces]
        self._pins.hold(content_ids)
        return PiecedContent(record.pieces, self._folder.open, lambda: self._remove(self._pins.let_go(content_ids)))

    def remove(self, content_ids: Sequence[str]) -> None:
        """Remove contents that no record names any more, at once or when their last reader has let go."""
        self._remove(self._pins.doom(content_ids))

    def _discard(self, staged: StagedContent) -> None:
        try:
            staged.discard()
        except OSError:
            self._note_orphans([staged.content_id])

    def _remove(self, content_ids: Sequence[str]) -> None:
        for content_id in content_ids:
            try:
                self._folder.remove(content_id)
            except OSError:
                self._note_orphans([content_id])

    def _note_orphans(self, content_ids: Sequence[str]) -> None:
        """Remember that files are left over. The request itself has ended well or has its own error to tell."""
        self._orphans_noted = True
        _log.warning("content files could not be removed: %s", ", ".join(content_ids), exc_info=True)

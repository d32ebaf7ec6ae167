"""One bucket for callers that block, such as commands: the store runs in an event loop of its own behind them."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Protocol

from anyio.from_thread import BlockingPortal

from oss_faces.storage.base import SCAN_ENTRIES_MAX, ListPage, ListQuery, ObjectLister, ObjectReader
from oss_faces.values import ObjectMeta


class ReadableStore(ObjectReader, ObjectLister, Protocol):
    """What reading a bucket needs."""

    async def aclose(self) -> None:
        """Let go of all resources."""
        ...


class BucketReader:
    """Lists and reads the objects of one bucket; `read` and `fetch` may be called from several threads at once.

    Every method may raise StorageUnavailable and NoSuchBucket.

    Args:
        page_entries: most entries of a page; large, for a mounted folder is read once for each.
    """

    def __init__(
        self, portal: BlockingPortal, store: ReadableStore, bucket: str, page_entries: int = SCAN_ENTRIES_MAX
    ) -> None:
        self._portal = portal
        self._page_entries = page_entries
        self._store = store
        self._bucket = bucket

    def objects(self, prefix: str) -> Iterator[ObjectMeta]:
        """Give all objects whose key begins with it, in the order of the store."""
        return chain.from_iterable(page.objects for page in self.pages(prefix))

    def pages(self, prefix: str) -> Iterator[ListPage]:
        """Give the same page for page."""
        marker = ""
        while True:
            query = ListQuery(prefix, marker, max_keys=self._page_entries)
            page = self._portal.call(partial(self._store.list, self._bucket, query))
            yield page
            if not page.is_truncated:
                return
            marker = page.next_marker

    def read(self, key: str, size_bytes_max: int) -> bytes:
        """Read a whole object.

        Raises:
            NoSuchKey, ObjectTooLarge: see `ObjectReader.read`.
        """
        _, content = self.fetch(key, size_bytes_max)
        return content

    def fetch(self, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """Read a whole object, and what is known of exactly these bytes.

        Raises:
            NoSuchKey, ObjectTooLarge: see `ObjectReader.read`.
        """
        return self._portal.call(partial(self._store.read, self._bucket, key, size_bytes_max))

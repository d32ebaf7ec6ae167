"""Pages of a mounted S3 or OSS bucket, in the order and with the folding of every other store.

With `/` as delimiter the service folds by itself: it gives a page at a time, the common prefixes of a page before its
objects. With no delimiter it walks. With another one it walks to the first key of a common prefix, then begins anew
behind that; a page that takes many such steps ends early.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, TypeAlias

from oss_faces.errors import StorageUnavailable
from oss_faces.storage.base import ListPage
from oss_faces.storage.listing import Window
from oss_faces.storage.mounted_settings import is_plain_path
from oss_faces.storage.mounted_upstream import Entry, Facts, Upstream
from oss_faces.values import ObjectMeta

Describe: TypeAlias = Callable[[Facts], ObjectMeta]

_SLASH: Final = b"/"
# Behind every key that anyone would choose, and before what follows the prefix.
_LAST: Final = "\U0010ffff"
_STEPS_MAX: Final = 100


async def remote_page(upstream: Upstream, window: Window, names_max: int, describe: Describe) -> ListPage:
    """Build one page.

    Raises:
        UpstreamDenied, StorageUnavailable.
    """
    if not _can_begin_keys(window.prefix):
        return ListPage((), ())
    source = _Source(upstream, window, names_max, describe)
    return await (source.level() if window.delimiter == _SLASH else source.keys())


class _Source:
    """One page in the making. `names_left` is how many more lines of the service may be looked at."""

    def __init__(self, upstream: Upstream, window: Window, names_max: int, describe: Describe) -> None:
        self._upstream = upstream
        self._window = window
        self._describe = describe
        self._names_left = names_max

    async def level(self) -> ListPage:
        """Let the service fold; put what it gives page by page into order."""
        window = self._window
        after = _before(window.lower, window.prefix)
        while True:
            lines: list[Entry] = []
            is_cut = False
            async with aclosing(self._lines(after, is_recursive=False)) as source:
                async for line in source:
                    lines.append(line)
                    # One more than asked for tells whether there is more.
                    is_cut = len(lines) > window.max_keys
                    if is_cut:
                        break
            whole = _whole_pages(lines) if is_cut else lines
            entries = [self._entry(line) for line in sorted(whole, key=lambda line: line.path.encode())]
            shown = [entry for entry in entries if entry is not None]
            if shown or not is_cut:
                return window.page(shown, has_more=is_cut)
            after = max((line.path for line in whole), key=str.encode)

    async def keys(self) -> ListPage:
        """Walk the keys, and fold them here."""
        window = self._window
        entries: list[ObjectMeta | bytes] = []
        lower = window.lower
        for _ in range(_STEPS_MAX):
            folded = None
            async with aclosing(self._lines(_before(lower, window.prefix), is_recursive=True)) as source:
                async for line in source:
                    entry = self._entry(line)
                    if entry is None or line.path.encode() < lower:
                        continue
                    folded = window.fold(line.path.encode())
                    entries.append(entry if folded is None else folded)
                    if folded is not None or len(entries) > window.max_keys:
                        break
            if folded is None or len(entries) > window.max_keys:
                return window.page(entries)
            lower = window.behind(folded)
        return window.page(entries, has_more=True)

    async def _lines(self, after: str, *, is_recursive: bool) -> AsyncGenerator[Entry, None]:
        prefix = self._window.prefix.decode()
        limit = self._window.max_keys + 1
        async with aclosing(self._upstream.entries(prefix, after, limit, is_recursive=is_recursive)) as lines:
            async for line in lines:
                self._names_left -= 1
                if self._names_left < 0:
                    raise StorageUnavailable(
                        "The bucket behind this one has too many names to be listed.",
                        context={"reason": "mounts.listing_names_max"},
                    )
                yield line

    def _entry(self, line: Entry) -> ObjectMeta | bytes | None:
        """Give what belongs on the page: nothing for what has no key here, or lies outside the window."""
        path = line.path.encode()
        window = self._window
        is_inside = path.startswith(window.prefix) and path >= window.lower
        if not is_inside or not is_plain_path(line.path.removesuffix("/")):
            return None
        if line.facts is not None:
            return self._describe(line.facts)
        # The line of the level itself, or an object whose name ends with the slash, is no common prefix.
        return path if len(path) > len(window.prefix) and window.delimiter == _SLASH else None


def _whole_pages(lines: list[Entry]) -> list[Entry]:
    """Leave out the last page of the service when it was broken off and another came before it.

    Within a page, common prefixes come before objects, each in order. So a page that is broken off may lack objects
    that belong between its prefixes. A single page was asked for as long as this, and is whole.
    """
    for place in range(len(lines) - 1, 0, -1):
        if lines[place].facts is None and lines[place - 1].facts is not None:
            return lines[:place]
    return lines


def _before(lower: bytes, prefix: bytes) -> str:
    """Give a text that all wanted keys are behind, and few others; empty for the very beginning."""
    if lower == prefix:
        return ""
    if lower.endswith(b"\0"):
        return lower[:-1].decode()
    return (lower[:-1] + bytes([lower[-1] - 1])).decode() + _LAST


def _can_begin_keys(prefix: bytes) -> bool:
    """Tell whether a key that can be named may begin like this: all of its whole steps are names."""
    folder, slash, _ = prefix.decode().rpartition("/")
    if not slash:
        return prefix.decode() == prefix.decode().lstrip()
    return folder == folder.lstrip() and all(step not in ("", ".", "..") for step in folder.split("/"))

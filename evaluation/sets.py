"""Labelled pictures: a folder of Parquet files, read a few rows at a time."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

_BATCH_ROWS: Final = 64
# pyarrow ships no type information.
_PARQUET: Final[Any] = pq


@dataclass(frozen=True, slots=True)
class SetFolder:
    """A folder of `<set>.parquet` files with the columns `id`, `image` and labels.

    Attributes:
        path: the folder.
        only: names of the sets to use; empty: all that are there.
        quick: use a small fixed sample of every set.
    """

    path: Path
    only: frozenset[str] = frozenset()
    quick: bool = False

    def has(self, name: str) -> bool:
        """Whether the set is there and wanted."""
        return (not self.only or name in self.only) and self._file(name).is_file()

    def count(self, name: str, limit: int | None = None, *, split: str | None = None) -> int:
        """Number of rows that `rows` will give."""
        return len(self._chosen(name, limit, split))

    def rows(
        self, name: str, columns: Sequence[str], limit: int | None = None, *, split: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Read rows in the order of the file, with bounded memory.

        Args:
            name: the set.
            columns: wanted besides `id`.
            limit: at most so many rows, chosen by a digest of their ids: the same ones on every run.
            split: only rows of this split.
        """
        chosen = self._chosen(name, limit, split)
        place = 0
        wanted = list(dict.fromkeys(["id", *columns]))
        for batch in _PARQUET.ParquetFile(self._file(name)).iter_batches(_BATCH_ROWS, columns=wanted):
            here = [index for index in range(batch.num_rows) if place + index in chosen]
            place += batch.num_rows
            if here:
                yield from batch.take(here).to_pylist()

    def table(self, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Read columns of a small set that holds no pictures, whole."""
        rows: list[dict[str, Any]] = _PARQUET.read_table(self._file(name), columns=list(columns)).to_pylist()
        return rows

    def digest(self, name: str) -> str:
        """Sha256 of the whole file of a set."""
        with self._file(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _chosen(self, name: str, limit: int | None, split: str | None) -> frozenset[int]:
        file = _PARQUET.ParquetFile(self._file(name))
        columns = ["id", "split"] if split is not None else ["id"]
        table = file.read(columns=columns)
        places = list(range(table.num_rows))
        if split is not None:
            splits = table.column("split").to_pylist()
            places = [place for place in places if splits[place] == split]
        if limit is None or len(places) <= limit:
            return frozenset(places)
        ids = table.column("id").to_pylist()
        by_digest = sorted(places, key=lambda place: hashlib.sha256(str(ids[place]).encode()).digest())
        return frozenset(by_digest[:limit])

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.parquet"

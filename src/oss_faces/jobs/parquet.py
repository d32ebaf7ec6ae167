"""Parts: Parquet files with the results. The one module that imports pyarrow, an extra."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.columns import ETAG, IS_FINAL, KEY, RECIPE
from oss_faces.jobs.folder import replacing
from oss_faces.jobs.recipe import Recipe, state_of
from oss_faces.rendering import Columns, Kind

_RECIPE_METADATA: Final = "oss-faces.recipe"
_BATCH_ROWS: Final = 10_000
_STATE_COLUMNS: Final = (KEY, ETAG, RECIPE, IS_FINAL)

Row = Mapping[str, Any]


class Parts:
    """The Parquet files of one folder.

    Args:
        columns: of parts that are written; those that are there may have been written with others.

    Raises:
        ConfigurationError: pyarrow is not installed.
    """

    def __init__(self, folder: Path, columns: Columns) -> None:
        self._folder = folder
        self._arrow = _arrow("pyarrow")
        self._parquet = _arrow("pyarrow.parquet")
        self._columns = columns

    def write(self, rows: Sequence[Row], recipe: Recipe) -> Path:
        """Write a new part; it is whole, on the disk and visible when this returns."""
        numbers = [int(path.stem.rpartition("-")[2]) for path in self.paths()]
        target = self._folder / f"part-{max(numbers, default=-1) + 1:08d}.parquet"
        schema = self._schema({_RECIPE_METADATA: recipe.text})
        self._put(self._arrow.Table.from_pylist(list(rows), schema), target)
        return target

    def paths(self) -> list[Path]:
        """Name the parts in the order in which they were written.

        Raises:
            ConfigurationError: a file with another name lies among them.
        """
        paths = sorted(self._folder.glob("*.parquet"))
        for path in paths:
            if not path.stem.removeprefix("part-").isdecimal():
                raise ConfigurationError(f"{path} is no part of the results; move it away")
        return paths

    def states(self) -> Iterator[bytes]:
        """Give the state of every picture, as `state_of` names it, once for each row.

        Raises:
            ConfigurationError: a part cannot be read.
        """
        for path in self.paths():
            for batch in self._batches(path, _STATE_COLUMNS):
                yield from (state for _, state in self._states(batch))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give all rows, part after part.

        Raises:
            ConfigurationError: a part cannot be read.
        """
        for path in self.paths():
            for batch in self._batches(path, None):
                yield from batch.to_pylist()

    def cells(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Give the values of some columns, row for row; what a part does not have is `None`.

        Raises:
            ConfigurationError: a part cannot be read.
        """
        for path in self.paths():
            for batch in self._batches(path, names):
                held = set(batch.schema.names)
                lists = [batch.column(name).to_pylist() if name in held else [None] * len(batch) for name in names]
                yield from zip(*lists, strict=True)

    def remove(self, is_stale: Callable[[str, bytes], bool], paths: Iterable[Path]) -> int:
        """Remove the rows of pictures in some states from these parts; return how many. Each part is replaced whole.

        Args:
            is_stale: told the key and the state of each row.
        """
        removed = 0
        for path in paths:
            with _told(path):
                stale = [is_stale(*row) for batch in self._batches(path, _STATE_COLUMNS) for row in self._states(batch)]
                if not any(stale):
                    continue
                table = self._parquet.read_table(path)
            kept = table.filter(self._arrow.array([not row for row in stale]))
            removed += len(table) - len(kept)
            if len(kept):
                self._put(kept, path)
            else:
                path.unlink()
        return removed

    def _put(self, table: Any, target: Path) -> None:
        with _told(target), replacing(target) as staged:
            self._parquet.write_table(table, staged, compression="zstd")

    def _batches(self, path: Path, names: Iterable[str] | None) -> Iterator[Any]:
        with _told(path), self._parquet.ParquetFile(path) as file:
            held = set(file.schema_arrow.names)
            chosen = None if names is None else [name for name in names if name in held]
            yield from file.iter_batches(_BATCH_ROWS, columns=chosen)

    def _states(self, batch: Any) -> Iterator[tuple[str, bytes]]:
        columns = [batch.column(name).to_pylist() for name in _STATE_COLUMNS]
        for key, etag, recipe, is_final in zip(*columns, strict=True):
            yield key, state_of(key, etag, recipe, is_final=is_final)

    def _schema(self, metadata: Mapping[str, str]) -> Any:
        arrow = self._arrow
        kinds = {
            Kind.TEXT: arrow.string(),
            Kind.WHOLE: arrow.int64(),
            Kind.NUMBER: arrow.float64(),
            Kind.FLAG: arrow.bool_(),
            Kind.VECTOR: arrow.list_(arrow.float32()),
        }
        return arrow.schema([(name, kinds[kind]) for name, kind in self._columns.items()], metadata=metadata)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say which part cannot be read or written. Errors of pyarrow are OSError and ValueError."""
    try:
        yield
    except (OSError, ValueError) as exc:
        raise ConfigurationError(f"cannot use {path}: {exc}") from exc


def _arrow(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as exc:
        raise ConfigurationError("jobs need pyarrow; run: pip install 'oss-faces[jobs]'") from exc

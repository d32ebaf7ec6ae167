"""`python -m benchmarks.lay_out DATA TARGET`: pictures of Parquet files as a folder of picture files."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet

# It has no types.
_PARQUET: Final[Any] = pyarrow.parquet
_BATCH_ROWS: Final = 512
_COLUMNS: Final = ("image", "bytes")


def lay_out(data: Path, target: Path, each: int = 1, most: int | None = None) -> int:
    """Write pictures below `target`, a folder for each Parquet file; return how many.

    Args:
        data: folder of Parquet files whose column `image` or `bytes` holds whole picture files.
        each: every how-manieth row of each file is taken.
        most: of one file; `None` for all.
    """
    written = 0
    for path in sorted(data.glob("*.parquet")):
        folder = target / path.stem
        for number, picture in enumerate(_pictures(path, each)):
            if number == most:
                break
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:06d}").write_bytes(picture)
            written += 1
    return written


def _pictures(path: Path, each: int) -> Iterator[bytes]:
    with _PARQUET.ParquetFile(path) as file:
        column = next((name for name in _COLUMNS if name in file.schema_arrow.names), None)
        if column is None:
            return
        place = 0
        for batch in file.iter_batches(_BATCH_ROWS, columns=[column]):
            for value in batch.column(0):
                if place % each == 0:
                    yield value.as_py()
                place += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lay_out", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    print(lay_out(options.data, options.target, options.each, options.most), "pictures")

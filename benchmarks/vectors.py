"""How long it takes to find a face among a million, as a multiple of reading their vectors once from memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.first_answer import Facts
from benchmarks.gallery import DIMENSIONS, SPACE, Gallery, fill, make_gallery, nearest
from benchmarks.sides import median_row, ratio_row, time_in_turn
from evaluation.rows import Row, mean_row
from oss_faces.inference import IntegerProducts
from oss_faces.vectors import FileVectorIndexes, IntegerProduct, VectorIndex, VectorSettings, multiply

COUNT: Final = 1_000_000
SIZES: Final = {"10k": 10_000, "30k": 30_000, "100k": 100_000, "300k": 300_000, "1m": COUNT}
WANTED: Final = 10
ROUNDS: Final = 15
STARTS: Final = 7
TOGETHER: Final = 16
_NEVER: Final = 2**40
_MIB: Final = 1024**2


def measure(folder: Path | None = None) -> Iterator[Row]:
    """Fill indexes in a folder that is removed afterwards, about 900 MiB, and search them.

    Args:
        folder: see `gallery.make_gallery`; without it the names of the sets end in `_random`.
    """
    whole = make_gallery(COUNT, folder)
    with tempfile.TemporaryDirectory() as name:
        for of, count in set_names(is_real=folder is not None):
            place = Path(name) / of
            gallery = replace(whole, vectors=whole.vectors[:: COUNT // count][:count])
            yield from _measure_size(place, of, gallery)
        yield from _measure_recall(place, of, gallery)
        yield from _measure_starts(place, of)


def set_names(*, is_real: bool) -> list[tuple[str, int]]:
    """Give the name of each set in the report and its number of vectors."""
    return [(name if is_real else f"{name}_random", count) for name, count in SIZES.items()]


def _measure_size(place: Path, of: str, gallery: Gallery) -> Iterator[Row]:
    """Compare ways of searching with reading every vector once."""
    codes = _index(place, IntegerProducts())
    fill(codes, gallery.vectors)
    ways = {"codes": codes, "codes_numpy": _index(place, multiply), "exact": _index(place, multiply, _NEVER)}
    mapped = np.memmap(next(place.rglob("vectors.*")), np.float32, "r")
    for together in (1, TOGETHER):
        rounds = [partial(_search, index, gallery, together) for index in ways.values()]
        read, *searches = time_in_turn([mapped.max, *rounds], ROUNDS, time.thread_time)
        for way, seconds in zip(ways, searches, strict=True):
            yield ratio_row("vectors", of, f"{way}_over_read_q{together}", seconds, read)
        yield median_row("vectors", of, f"codes_ms_q{together}", 1000 * np.array(searches[0]), "ms")


def _search(index: VectorIndex, gallery: Gallery, together: int) -> None:
    index.search(gallery.probes[:together], WANTED)


def _measure_recall(place: Path, of: str, gallery: Gallery) -> Iterator[Row]:
    """Compare what is found with what a plain product of all with all finds."""
    wanted = nearest(gallery, WANTED)
    for way, index in (("codes", _index(place, IntegerProducts())), ("exact", _index(place, multiply, _NEVER))):
        found = index.search(gallery.probes, WANTED).numbers
        shares = [len(np.intersect1d(*pair)) / WANTED for pair in zip(found, wanted, strict=True)]
        yield mean_row("vectors", of, f"recall_at_10_{way}", shares)


def _measure_starts(place: Path, of: str) -> Iterator[Row]:
    """Start processes that open the index and search it, the files in memory, and not."""
    files = [path for path in place.rglob("*") if path.is_file()]
    for name, is_cold in (("warm", False), ("cold", True)):
        facts = []
        for _ in range(STARTS):
            if is_cold:
                _forget(files)
            facts.append(_start(place))
        yield median_row("vectors", of, f"first_answer_{name}", [fact.first_answer_s for fact in facts], "s")
        yield median_row("vectors", of, f"first_answer_processor_{name}", [fact.processor_s for fact in facts], "s")
        yield median_row("vectors", of, f"opening_{name}", [1000 * fact.opening_s for fact in facts], "ms")
    yield median_row("vectors", of, "memory_private", [fact.private_bytes / _MIB for fact in facts], "MiB")
    yield median_row("vectors", of, "memory_mapped", [fact.mapped_bytes / _MIB for fact in facts], "MiB")
    yield median_row("vectors", of, "disk", [sum(path.stat().st_size for path in files) / _MIB], "MiB")


def _start(place: Path) -> Facts:
    """Run `first_answer` from the start of the interpreter to the answer."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.first_answer", str(place)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Facts.read(done.stdout, begin)


def _forget(files: list[Path]) -> None:
    """Ask the system to drop what it holds of files."""
    for path in files:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _index(place: Path, product: IntegerProduct, codes_rows_min: int = 0) -> VectorIndex:
    settings = VectorSettings(codes_rows_min=codes_rows_min)
    return FileVectorIndexes(place, settings, product).open("benchmark", SPACE, DIMENSIONS)

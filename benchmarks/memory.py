"""Memory of the server with all its processes and networks, by what it has done so far."""

from collections.abc import Iterator
from typing import Final

from benchmarks.against_bare import Sides, running_sides
from benchmarks.pictures import SIZES, crowd_jpeg, portrait_jpeg
from benchmarks.process_tree import Memory, memory_of
from benchmarks.sides import median_row, ratio_row
from evaluation.rows import Row

CONCURRENCY: Final = 8
FACES: Final = 50
_MIB: Final = 1024**2


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Measure it at rest, then after small pictures, crowds and large pictures, several of them at a time."""
    seconds = 1.0 if quick else 5.0
    with running_sides() as sides:
        yield from _rows("ready", memory_of(sides.server.process.pid))
        pictures = {
            "2mp": (portrait_jpeg(SIZES["2mp"]), 1),
            f"crowd_{FACES}": (crowd_jpeg(SIZES["2mp"], FACES), FACES),
            "48mp": (portrait_jpeg(SIZES["48mp"]), 1),
        }
        for name, (jpeg, faces) in pictures.items():
            kept = sides.keep(name, jpeg, faces, CONCURRENCY)
            sides.serve(kept, CONCURRENCY, seconds)
            yield from _rows(f"after_{name}", memory_of(sides.server.process.pid))
            if name == "2mp":
                yield _over_bare(sides)


def _rows(of: str, memory: Memory) -> Iterator[Row]:
    for metric in ("resident", "proportional", "private"):
        yield median_row("memory", of, metric, [getattr(memory, metric) / _MIB], "MiB")
    yield median_row("memory", of, "processes", [memory.processes], "processes")


def _over_bare(sides: Sides) -> Row:
    """Compare with as many processes of the bare pipeline, which did the same work."""
    bare = sum(memory_of(program.process_id).proportional for program in sides.bare)
    return ratio_row(
        "memory", "after_2mp", "server_over_bare", [memory_of(sides.server.process.pid).proportional], [bare]
    )

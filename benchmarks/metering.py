"""What counting costs: requests that wait for their counts to be kept, against the work on one small picture."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import ratio_row, time_in_turn
from evaluation.rows import Row
from oss_faces.database import open_database
from oss_faces.metering import DatabaseUsageStore, Meter, MeteringSettings, Use
from oss_faces.pipeline import FacePipeline
from oss_faces.values import Work

CONCURRENCIES: Final = (1, 8, 64)
REQUESTS: Final = 256  # of each round
ROUNDS: Final = 9
PICTURE: Final = "0.5mp"
USE: Final = Use("key", "photos", "oss:ProcessImage", 200, 800, Work(source_bytes=90_000, image_detect=1))


def measure(pipeline: FacePipeline) -> Iterator[Row]:
    """Compare processor time and waiting time of counting one request with those of one picture."""
    content = portrait_jpeg(SIZES[PICTURE])
    of = f"portrait_{PICTURE}"
    # Beside the project and not in a folder for temporary files, which may be memory.
    with (
        tempfile.TemporaryDirectory(prefix=".bench-metering-", dir=Path.cwd()) as folder,
        closing(open_database(Path(folder))) as database,
        asyncio.Runner() as runner,
    ):
        for name, sync in (("", False), ("_sync", True)):
            meter = Meter(DatabaseUsageStore(database, sync=sync), MeteringSettings(), lambda: datetime.now(UTC))
            for concurrency in CONCURRENCIES:
                count = partial(_count_many, runner, meter, concurrency)
                yield from _rows(
                    of, f"c{concurrency}{name}", concurrency, [count, partial(pipeline.find_faces, content)]
                )
            runner.run(meter.aclose())


def _rows(of: str, name: str, concurrency: int, sides: list[Callable[[], object]]) -> Iterator[Row]:
    cpu, cpu_picture = time_in_turn(sides, ROUNDS)
    wall, wall_picture = time_in_turn(sides, ROUNDS, time.perf_counter)
    yield ratio_row("metering", of, f"cpu_over_picture_{name}", _each(cpu, 1), cpu_picture)
    # Each of those that wait at once waits for its whole turn.
    waits = _each(wall, concurrency)
    yield ratio_row("metering", of, f"wait_over_picture_{name}", waits, wall_picture)


def _each(seconds: list[float], at_once: int) -> list[float]:
    return [round_s * at_once / REQUESTS for round_s in seconds]


def _count_many(runner: asyncio.Runner, meter: Meter, concurrency: int) -> None:
    """Count `REQUESTS` requests, so many of them under way at any time."""

    async def client() -> None:
        for _ in range(REQUESTS // concurrency):
            await meter.record(USE)

    async def clients() -> None:
        await asyncio.gather(*(client() for _ in range(concurrency)))

    runner.run(clients())

"""What the state database costs for each face, and how many writes it takes: the figures of docs/scale.md.

    python -m benchmarks.state [--url postgresql://user@host/name] [--files 2000]

Rates are by the wall clock, of this machine and its disk. The database is filled with invented faces and not emptied.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import text

from oss_faces.app import utc_now
from oss_faces.audit import Act, Event, SqlAudit
from oss_faces.database import Database, DatabaseSettings, open_database
from oss_faces.datasets import DatasetRef, DatasetSpec, FileFacts, FileSpec, NewFigure
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.metering import DatabaseUsageStore, Outcome, UsageCounts, UsageKey
from oss_faces.values import Age, Box, Emotion, Face, HeadPose, ImageSize, Label
from oss_faces.vectors import MemoryVectorIndexes

DIMENSIONS = 128
CLIENTS = 4
_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def invented(number: int) -> NewFigure:
    """Invent a face of which everything is known, with a vector."""
    vector = np.random.default_rng(number).standard_normal(DIMENSIONS).astype(np.float32)
    none = Label("none", 0.98)
    face = Face(
        Box(10.25, 20.5, 110.125, 140.0),
        0.97,
        np.zeros((5, 2), np.float32),
        age=Age(31.4, 4.5),
        gender=Label("female", 0.9),
        emotion=Emotion({"happy": 0.75, "neutral": 0.25}),
        mouth=Label("open", 0.8),
        beard=none,
        mask=none,
        hat=none,
        glasses=none,
        pose=HeadPose(-3.5, 12.25, 0.5),
        attractive=0.4,
        sharpness=0.85,
        quality=0.9,
    )
    return NewFigure(f"figure-{number}", face, vector / np.linalg.norm(vector))


async def rate(call: Callable[[int], Awaitable[object]], count: int) -> float:
    """Call so often, `CLIENTS` at a time, and tell how many that were in a second."""

    async def some(client: int) -> None:
        for number in range(client, count, CLIENTS):
            await call(number)

    begun = time.perf_counter()
    await asyncio.gather(*[some(client) for client in range(CLIENTS)])
    return count / (time.perf_counter() - begun)


def size_bytes(database: Database) -> int:
    """Tell how large the database is, indexes included."""
    with database.reading() as connection:
        return int(connection.execute(text(_SIZES[database.engine.dialect.name])).scalar_one())


async def measure(database: Database, files: int) -> dict[str, float]:
    """Fill datasets, the log and the counts, and tell what that cost."""
    faces = SqlFaceDatabase(database, MemoryVectorIndexes(), FaceDbSettings(unfollowed_max=10**9), utc_now)
    refs = [DatasetRef("benchmark", f"{time.time_ns()}-{number}") for number in range(CLIENTS)]
    for ref in refs:
        await faces.create_dataset(ref, DatasetSpec())
    facts = FileFacts("ABCDEF", 1000, "image/jpeg", utc_now(), ImageSize(640, 480), 1, ("m@1", "n@2"))

    async def put(places: list[DatasetRef], number: int) -> None:
        ref, uri = places[number % len(places)], f"oss://benchmark/{number:012d}.jpg"
        await faces.put_file(ref, uri, FileSpec(), facts, [invented(number)], "benchmark@1")

    before = size_bytes(database)
    apart = await rate(partial(put, refs), files)
    grown = size_bytes(database) - before
    together = await rate(lambda number: put(refs[:1], files + number), files // 4)
    audit, usage = SqlAudit(database, utc_now), DatabaseUsageStore(database)
    event = Event(Act.SEARCH, "server", refs[0], ("f" * 32,))
    key = UsageKey(date(2026, 1, 1), "benchmark", "benchmark", "image/faces", Outcome.SUCCEEDED)

    async def count(_number: int) -> None:
        await database.run(usage.add, {key: UsageCounts(requests=1)})

    return {
        "bytes_per_face": grown / files,
        "files_per_s_many_datasets": apart,
        "files_per_s_one_dataset": together,
        "audit_entries_per_s": await rate(lambda _number: audit.record(event), files // 4),
        "count_batches_per_s": await rate(count, files // 4),
    }


def main() -> None:
    """Measure one database and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="PostgreSQL; without it a SQLite file in a temporary folder")
    parser.add_argument("--files", type=int, default=2000, help="files with one face each")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = DatabaseSettings(url=wanted.url, busy_timeout_s=60)
        with closing(open_database(Path(folder), settings)) as database:
            for name, value in asyncio.run(measure(database, wanted.files)).items():
                print(f"{name} {value:.1f}")


if __name__ == "__main__":
    main()

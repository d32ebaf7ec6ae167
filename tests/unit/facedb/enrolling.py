"""A program that fills and thins out a dataset for as long as it lives: `enrolling.py FOLDER FIRST FIGURES EVERY`.

File `n` has so many figures; the last of so many files is deleted again at once. Each acknowledged change is printed:
`+n`, `-n`. Another task searches all the time.
"""

import sys
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import anyio

from oss_faces.database import open_database
from oss_faces.datasets import FileSpec, NewFigure
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.vectors import FileVectorIndexes, VectorSettings
from tests.contracts.facedb.faces import BARE, REF, SPACE, direction, facts

DIMENSIONS = 128
SETTINGS = FaceDbSettings(unfollowed_max=16)


def now() -> datetime:
    return datetime.now(UTC)


def uri(number: int) -> str:
    return f"oss://bucket/{number:08d}.jpg"


def figures(number: int, how_many: int) -> list[NewFigure]:
    return [
        NewFigure(f"{number}-{part}", BARE, direction(number * how_many + part, DIMENSIONS)) for part in range(how_many)
    ]


async def put_files(faces: SqlFaceDatabase, first: int, how_many: int, every: int) -> None:
    for number in count(first):
        await faces.put_file(REF, uri(number), FileSpec(), facts(), figures(number, how_many), SPACE)
        print(f"+{number}", flush=True)  # noqa: T201  this is how it acknowledges
        if number % every == every - 1:
            await faces.delete_file(REF, uri(number))
            print(f"-{number}", flush=True)  # noqa: T201  as above


async def search(faces: SqlFaceDatabase) -> None:
    for seed in count():
        await faces.search(REF, direction(seed, DIMENSIONS)[None], SPACE, 10)


async def main() -> None:
    folder, (first, how_many, every) = Path(sys.argv[1]), map(int, sys.argv[2:])
    with (
        closing(open_database(folder)) as database,
        closing(FileVectorIndexes(folder / "vectors", VectorSettings())) as indexes,
    ):
        faces = SqlFaceDatabase(database, indexes, SETTINGS, now)
        async with anyio.create_task_group() as group:
            group.start_soon(put_files, faces, first, how_many, every)
            group.start_soon(search, faces)


if __name__ == "__main__":
    anyio.run(main)

"""`kill -9` in the middle of insertions, erasures and searches loses nothing that was acknowledged."""

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from oss_faces.database import open_database
from oss_faces.datasets import DatasetSpec
from oss_faces.facedb import SqlFaceDatabase
from oss_faces.vectors import FileVectorIndexes, VectorSettings
from tests.contracts.facedb.faces import REF, SPACE, direction
from tests.unit.facedb import enrolling
from tests.unit.facedb.enrolling import DIMENSIONS, SETTINGS, now, uri

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
KILLS = 2
ACKNOWLEDGED = 50
FIGURES = 3
EVERY = 10


def acknowledged(folder: Path, first: int, wanted: int, figures: int, every: int) -> list[int]:
    """Let the program make so many changes, kill it, and give all that it has acknowledged: negative if deleted."""
    command = [sys.executable, "-m", enrolling.__name__, folder, *map(str, (first, figures, every))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(wanted)]
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [int(line) for line in lines if line.endswith("\n")]


def is_anywhere(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def check(folder: Path, put: set[int], deleted: set[int], figures: int) -> int:
    """Check that everything acknowledged is there, in the database and in the index, and nothing that was deleted."""
    with (
        closing(open_database(folder)) as database,
        closing(FileVectorIndexes(folder / "vectors", VectorSettings())) as indexes,
    ):
        faces = SqlFaceDatabase(database, indexes, SETTINGS, now)
        await faces.finish_erasing()
        there = await faces.get_files(REF, [uri(number) for number in sorted(put | deleted)])
        assert [file.uri for file in there] == [uri(number) for number in sorted(put)]
        assert all(len(file.figures) == figures for file in there)
        probes = np.stack([direction(number * figures, DIMENSIONS) for number in sorted(put)])
        found = await faces.search(REF, probes, SPACE, 1)
        assert [candidates[0].figure.figure_id for candidates in found] == [f"{number}-0" for number in sorted(put)]
        assert max(candidates[0].distance for candidates in found) < 1e-3
        size = await faces.gallery_size(REF)
        # What was written and not acknowledged before the kill may be there, but whole.
        assert 0 <= size - figures * len(put) <= figures
        for number in deleted:
            vector = direction(number * figures, DIMENSIONS).tobytes()
            assert not is_anywhere(folder, vector)
        return size


async def test_what_was_acknowledged_outlasts_kill_9(tmp_path: Path) -> None:
    """Files, figures, vectors and the index are whole after every kill, and what was erased does not come back."""
    folder = tmp_path / "data"
    with closing(open_database(folder)) as database, closing(FileVectorIndexes(folder, VectorSettings())) as indexes:
        await SqlFaceDatabase(database, indexes, SETTINGS, now).create_dataset(REF, DatasetSpec())
    put: set[int] = set()
    for kill in range(KILLS):
        lines = acknowledged(folder, 1000 * kill, ACKNOWLEDGED, FIGURES, EVERY)
        assert len(lines) >= ACKNOWLEDGED
        deleted = {-line for line in lines if line < 0}
        # The last one may have been deleted without having said so.
        last = {number for number in set(lines) - deleted if number % EVERY == EVERY - 1}
        put |= {line for line in lines if line >= 0} - deleted - last
        await check(folder, put, deleted, FIGURES)
        with (
            closing(open_database(folder)) as database,
            closing(FileVectorIndexes(folder / "vectors", VectorSettings())) as indexes,
        ):
            faces = SqlFaceDatabase(database, indexes, SETTINGS, now)
            for number in [*last, max(put) + 1]:
                await faces.delete_file(REF, uri(number))

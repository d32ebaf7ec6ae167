"""Indexes follow the database, whoever changed it and whatever happened to their files."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import anyio
import numpy as np
import pytest
from sqlalchemy import delete, select, text

from oss_faces.database import DATABASE_FILE, Database, open_database
from oss_faces.datasets import FileSpec
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.facedb.sql_following import note_erasure
from oss_faces.facedb.tables import ERASURES, REMOVALS, SPACES
from oss_faces.vectors import Changes, FileVectorIndexes, VectorSettings
from tests.contracts.facedb.faces import REF, SPACE, album, direction, facts, figure, put

pytestmark = pytest.mark.anyio


# Few, so that chunks and pauses come often.
SETTINGS = FaceDbSettings(chunk_vectors=3, unfollowed_max=4)


def now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


class Program:
    """One of several programs on a data folder: connections and open indexes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self.database: Database = self._stack.enter_context(closing(open_database(folder)))
        self.indexes = self._stack.enter_context(closing(FileVectorIndexes(folder / "vectors", VectorSettings())))
        self.faces = SqlFaceDatabase(self.database, self.indexes, SETTINGS, now)

    async def nearest(self, seed: int, count: int = 9) -> list[str]:
        (found,) = await self.faces.search(REF, direction(seed)[None], SPACE, count)
        return [candidate.figure.figure_id for candidate in found]

    def index_ids(self) -> list[str]:
        with self.database.reading() as connection:
            return list(connection.scalars(select(SPACES.c.index_id)))

    def rows(self, table: str) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608  our own

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Program]:
    with closing(Program(tmp_path)) as program:
        yield program


@pytest.fixture
def client(server: Program, tmp_path: Path) -> Iterator[Program]:
    with closing(Program(tmp_path)) as program:
        yield program


async def test_two_programs_see_each_others_changes(server: Program, client: Program) -> None:
    """What one puts or erases the other finds, or finds no longer, in its very next search."""
    await album(server.faces)
    await put(server.faces, "u", [figure("a", 1)])
    assert await client.nearest(1) == ["a"]
    await put(client.faces, "v", [figure("b", 2)])
    assert await server.nearest(2) == ["b", "a"]
    await client.faces.delete_file(REF, "u")
    assert await server.nearest(1) == ["b"]
    await put(server.faces, "w", [figure("c", 3)])
    assert await client.nearest(3) == ["c", "b"]
    assert server.index_ids() == client.index_ids()


async def test_a_deleted_dataset_is_gone_for_the_other_program_too(server: Program, client: Program) -> None:
    """A dataset of the same name begins anew in both, whatever each had open."""
    await album(server.faces)
    await put(server.faces, "u", [figure("a", 1)])
    assert await client.nearest(1) == ["a"]
    await server.faces.delete_dataset(REF)
    await album(server.faces)
    assert await client.nearest(1) == []
    await put(client.faces, "v", [figure("b", 2)])
    assert await server.nearest(1) == ["b"]


async def test_a_lost_index_is_made_again(server: Program, tmp_path: Path) -> None:
    """Without the index files everything is found all the same, in chunks if need be."""
    await album(server.faces)
    for seed in range(20):
        await put(server.faces, f"u{seed}", [figure(f"f{seed}", seed)])
    before = await server.nearest(3)
    server.close()
    shutil.rmtree(tmp_path / "vectors")
    with closing(Program(tmp_path)) as again:
        assert await again.nearest(3) == before
        assert await again.faces.gallery_size(REF) == 20


async def test_an_index_ahead_of_a_restored_database_is_made_again(server: Program, tmp_path: Path) -> None:
    """A database that was put back from a copy has its own truth: what came after the copy is not found."""
    await album(server.faces)
    await put(server.faces, "u", [figure("a", 1)])
    server.database.scrub(())
    shutil.copy(tmp_path / DATABASE_FILE, tmp_path / "copy")
    await put(server.faces, "v", [figure("b", 2)])
    await put(server.faces, "w", [figure("c", 3)])
    assert await server.nearest(2) == ["b", "a", "c"]
    old = server.index_ids()
    server.close()
    shutil.move(tmp_path / "copy", tmp_path / DATABASE_FILE)
    with closing(Program(tmp_path)) as again:
        assert await again.nearest(2) == ["a"]
        assert again.index_ids() != old
        await put(again.faces, "x", [figure("d", 4)])
        assert await again.nearest(4) == ["d", "a"]
        await again.faces.finish_erasing()
        assert [path.name for path in (tmp_path / "vectors").iterdir()] == again.index_ids()


async def test_removals_are_forgotten_when_the_index_has_left_them_out(server: Program) -> None:
    """The list of removed numbers does not grow for ever, and an index that missed some of them is made again."""
    await album(server.faces)
    for seed in range(3):
        await put(server.faces, f"u{seed}", [figure(f"f{seed}", seed)])
    assert len(await server.nearest(1)) == 3
    old = server.index_ids()
    index = server.indexes.open(old[0], SPACE, 8)
    mark = index.mark
    await server.faces.delete_files(REF, ["u0", "u1"])
    assert server.rows(REMOVALS.name) == 0
    assert server.rows(ERASURES.name) == 0
    assert server.index_ids() == old
    # The same index as it was before, from a copy of its files.
    server.indexes.drop(old[0])
    stale = server.indexes.open(old[0], SPACE, 8)
    stale.apply(three_vectors(mark))
    assert await server.nearest(1) == ["f2"]
    assert server.index_ids() != old


def three_vectors(mark: int) -> Changes:
    vectors = np.stack([direction(seed) for seed in range(3)])
    return Changes(mark, np.array([1, 2, 3], np.int64), vectors, np.zeros(0, np.int64))


async def test_a_replaced_figure_leaves_the_index(server: Program, client: Program) -> None:
    """Numbers that a file loses when it is put again are removed wherever the index had got to."""
    await album(server.faces)
    await put(server.faces, "u", [figure("a", 1), figure("b", 2)])
    assert await client.nearest(1) == ["a", "b"]
    await put(server.faces, "u", [figure("b", 2), figure("c", 3)])
    await put(server.faces, "u", [figure("c", 3), figure("d", 4)])
    assert sorted(await client.nearest(1)) == ["c", "d"]
    assert await server.faces.gallery_size(REF) == 2


async def test_catching_up_goes_in_chunks(server: Program) -> None:
    """A long way is cut at whole changes, and nothing is left out or found twice."""
    await album(server.faces)
    for seed in range(6):
        await put(server.faces, f"u{seed}", [figure(f"f{seed}{part}", 2 * seed + part) for part in range(2)])
    await server.faces.delete_file(REF, "u4")
    assert await server.faces.gallery_size(REF) == 10
    assert sorted(await server.nearest(0, 20)) == sorted(f"f{n}{part}" for n in (0, 1, 2, 3, 5) for part in (0, 1))


async def test_an_index_keeps_close_without_a_search(server: Program) -> None:
    """After some changes the index catches up by itself, so that the first search finds little to do."""
    await album(server.faces)
    for seed in range(6):
        await put(server.faces, f"u{seed}", [figure(f"f{seed}", seed)])
    (index_id,) = server.index_ids()
    assert len(server.indexes.open(index_id, SPACE, 8)) == 4


async def test_many_searches_and_writes_at_once(server: Program, client: Program) -> None:
    """Two programs put, delete and search at the same time; in the end both find what is there."""
    await album(server.faces)

    async def write(program: Program, name: str) -> None:
        for seed in range(12):
            await program.faces.put_file(
                REF, f"{name}{seed}", FileSpec(), facts(), [figure(f"{name}{seed}", seed)], SPACE
            )
            if seed % 3 == 2:
                await program.faces.delete_file(REF, f"{name}{seed - 1}")

    async def look(program: Program) -> None:
        for seed in range(12):
            found = await program.nearest(seed, 40)
            assert len(found) == len(set(found))

    async with anyio.create_task_group() as group:
        for program, name in ((server, "s"), (client, "c")):
            group.start_soon(write, program, name)
            group.start_soon(look, program)
    expected = sorted(f"{name}{seed}" for name in "sc" for seed in range(12) if seed % 3 != 1)
    assert sorted(await server.nearest(0, 40)) == expected
    assert sorted(await client.nearest(0, 40)) == expected


async def test_what_another_process_left_is_finished_by_the_next_erasure(server: Program, client: Program) -> None:
    """Notes of an erasure whose process was killed do not stay."""
    await album(server.faces)
    await put(server.faces, "u", [figure("a", 1)])
    with server.database.writing() as connection:
        connection.execute(delete(ERASURES))
        note_erasure(connection, 1)
    assert server.rows(ERASURES.name) == 2
    await client.faces.delete_file(REF, "u")
    assert server.rows(ERASURES.name) == 0

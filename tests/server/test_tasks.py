"""Tasks across processes: a killed server loses none, and a dead worker's are taken over."""

import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

from oss_faces.app import utc_now
from oss_faces.database import Database, open_database
from oss_faces.datasets import DatasetRef, DatasetSpec, FileSpec
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.operations import indexing_task
from oss_faces.request.imm_files import WantedFile
from oss_faces.tasks import Bell, NewTask, Progress, SqlTasks, Task, TaskRunner, TaskSettings, TaskStatus
from oss_faces.values import Address, Principal
from oss_faces.vectors import MemoryVectorIndexes
from tests.running import RunningServer, portrait, start_server

pytestmark = pytest.mark.anyio

REF = DatasetRef("project", "album")
PICTURES = 12
LEASE = {"OSS_FACES_TASKS__LEASE_S": "1", "OSS_FACES_TASKS__POLL_S": "0.1"}

# A worker of another process: it says that it has begun, and never comes to an end.
HANGING = """
import asyncio, sys
from pathlib import Path
from oss_faces.app import utc_now
from oss_faces.database import open_database
from oss_faces.tasks import Bell, SqlTasks, TaskRunner, TaskSettings

async def hang(task, progress):
    print("begun", flush=True)
    await asyncio.get_running_loop().create_future()

settings = TaskSettings(lease_s=1)
tasks = SqlTasks(open_database(Path(sys.argv[1])), settings, utc_now)
asyncio.run(TaskRunner(tasks, {"Kind": hang}, settings, Bell(), utc_now).run())
"""


async def until_ended(tasks: SqlTasks, waiting: list[Task], count: int) -> list[Task]:
    """Wait until so many of some tasks have ended; give them all as they stand."""
    with anyio.fail_after(90):
        while True:
            now = [await tasks.get(REF.project, task.task_id) for task in waiting]
            if sum(task.ended is not None for task in now) >= count:
                return now
            await anyio.sleep(0.05)


def kill(server: RunningServer) -> None:
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(timeout=30)
    assert server.process.stdout is not None
    server.process.stdout.close()


async def with_database(folder: Path, work: Callable[[Database], Awaitable[None]]) -> None:
    with closing(open_database(folder)) as database:
        await work(database)


async def test_a_killed_server_loses_no_task(tmp_path: Path) -> None:
    """What it had accepted is done by the next one: every picture is in the dataset, once, with its face."""
    server = start_server(tmp_path, environment=LEASE)
    bucket = server.bucket()
    bucket.create_bucket()
    content = portrait().read_bytes()
    for number in range(PICTURES):
        bucket.put_object(f"{number}.png", content)

    async def work(database: Database) -> None:
        faces = SqlFaceDatabase(database, MemoryVectorIndexes(), FaceDbSettings(), utc_now)
        await faces.create_dataset(REF, DatasetSpec())
        tasks = SqlTasks(database, TaskSettings(), utc_now)
        files = [WantedFile(Address("examplebucket", f"{number}.png"), FileSpec()) for number in range(PICTURES)]
        accepted = list(await tasks.add_all([indexing_task(Principal("key"), REF, file) for file in files]))
        ended = await until_ended(tasks, accepted, 1)
        kill(server)
        assert sum(task.ended is None for task in ended) > 0
        again = start_server(tmp_path, environment=LEASE)
        done = await until_ended(tasks, accepted, PICTURES)
        assert again.stop() == 0
        assert {task.status for task in done} == {TaskStatus.SUCCEEDED}
        kept = await faces.get_files(REF, [file.uri for file in files])
        assert [len(file.figures) for file in kept] == [1] * PICTURES

    await with_database(server.data, work)


async def test_a_stopped_server_gives_its_tasks_back(tmp_path: Path) -> None:
    """Nobody waits for the lease of one that ended in order: here it would be an hour."""
    server = start_server(tmp_path, environment={**LEASE, "OSS_FACES_TASKS__LEASE_S": "3600"})
    bucket = server.bucket()
    bucket.create_bucket()
    content = portrait().read_bytes()
    for number in range(PICTURES):
        bucket.put_object(f"{number}.png", content)

    async def work(database: Database) -> None:
        faces = SqlFaceDatabase(database, MemoryVectorIndexes(), FaceDbSettings(), utc_now)
        await faces.create_dataset(REF, DatasetSpec())
        tasks = SqlTasks(database, TaskSettings(), utc_now)
        files = [WantedFile(Address("examplebucket", f"{number}.png"), FileSpec()) for number in range(PICTURES)]
        accepted = list(await tasks.add_all([indexing_task(Principal("key"), REF, file) for file in files]))
        await until_ended(tasks, accepted, 1)
        assert server.stop() == 0
        left = [task for task in await until_ended(tasks, accepted, 0) if task.ended is None]
        claims = [await tasks.claim(["FileIndexing"], 10) for _ in left]
        assert {claim.task.task_id for claim in claims if claim} == {task.task_id for task in left}

    await with_database(server.data, work)


async def test_a_task_of_a_killed_worker_is_taken_over(tmp_path: Path) -> None:
    """By a worker of another process, when the lease is over and not before; its result counts."""

    async def finish(task: Task, progress: Progress) -> dict[str, object]:
        return {"by": "the other"}

    async def work(database: Database) -> None:
        settings = TaskSettings(lease_s=5, poll_s=0.1)
        tasks = SqlTasks(database, settings, utc_now)
        task = await tasks.add(NewTask(REF.project, "Kind", {}))
        command = [sys.executable, "-c", HANGING, str(tmp_path)]
        async with await anyio.open_process(command) as worker:
            assert worker.stdout is not None
            # A line may come in pieces.
            assert await BufferedByteReceiveStream(worker.stdout).receive_until(b"\n", 100) == b"begun"
            runner = TaskRunner(tasks, {"Kind": finish}, settings, Bell(), utc_now)
            async with anyio.create_task_group() as group:
                group.start_soon(runner.run)
                # Longer than the lease: the worker lives, and renews it.
                await anyio.sleep(6)
                assert (await tasks.get(REF.project, task.task_id)).ended is None
                worker.kill()
                (done,) = await until_ended(tasks, [task], 1)
                group.cancel_scope.cancel()
        assert done.result == {"by": "the other"}

    await with_database(tmp_path, work)

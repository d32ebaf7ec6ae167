"""Two server processes on one PostgreSQL, each with a data folder of its own and a mounted bucket that both see."""

import http.client
import json
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import anyio
import oss2
import pytest
from sqlalchemy import select

from oss_faces.app import utc_now
from oss_faces.database import Database, DatabaseSettings, open_database
from oss_faces.datasets import DatasetRef, DatasetSpec, FileSpec
from oss_faces.facedb import FaceDbSettings, SqlFaceDatabase
from oss_faces.metering import DatabaseUsageStore
from oss_faces.operations import indexing_task
from oss_faces.request.imm_files import WantedFile
from oss_faces.tasks import SqlTasks, TaskSettings, TaskStatus
from oss_faces.tasks.tables import TASKS
from oss_faces.values import Address, Principal, WireRequest
from oss_faces.vectors import MemoryVectorIndexes
from tests.imm_requests import acs3
from tests.postgresql import Cluster
from tests.running import RunningServer, portrait, start_server

BUCKET = "sharedbucket"
REF = DatasetRef("project", "album")
PICTURES = 8
CLIENTS = 4
REQUESTS = 25
KEY = ("OSSFsharedroot", "a-root-secret-of-the-tests")


@dataclass(frozen=True)
class Pair:
    servers: list[RunningServer]
    database: Database

    def bucket(self, number: int) -> oss2.Bucket:
        return oss2.Bucket(oss2.AuthV4(*KEY), self.servers[number].endpoint, BUCKET, region="cn-hangzhou")


@pytest.fixture(scope="module")
def pair(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both begin on an empty database at the same time. The last test of this file kills one."""
    tmp_path = tmp_path_factory.mktemp("pair")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(PICTURES):
        shutil.copy(portrait(), pictures / f"{number}.png")
    with postgresql.empty() as url:
        environment = {
            "OSS_FACES_DATABASE__URL": url,
            "OSS_FACES_DATABASE__BUSY_TIMEOUT_S": "60",
            "OSS_FACES_VECTORS__FOLDER": str(tmp_path / "vectors"),
            "OSS_FACES_ACCESS_KEY_ID": KEY[0],
            "OSS_FACES_ACCESS_KEY_SECRET": KEY[1],
            "OSS_FACES_TASKS__LEASE_S": "2",
            "OSS_FACES_TASKS__POLL_S": "0.1",
            "OSS_FACES_WORKERS__DEADLINE_S": "60",
        }

        def start(name: str) -> RunningServer:
            folder = tmp_path / name
            folder.mkdir()
            return start_server(folder, f"--mount={BUCKET}={pictures}", environment=environment)

        with ThreadPoolExecutor(2) as pool:
            servers = list(pool.map(start, ["first", "second"]))
        with closing(open_database(tmp_path, DatabaseSettings(url=url))) as database:
            yield Pair(servers, database)
        for server in servers:
            if server.process.poll() is None:
                server.stop()


def test_counts_of_two_servers_under_load_are_exact(pair: Pair) -> None:
    """What clients counted is what both together kept, while all add to the same rows at the same time."""
    counted: Counter[str] = Counter()
    lock = threading.Lock()

    def ask(client: int) -> None:
        bucket, own = pair.bucket(client % 2), Counter[str]()
        for number in range(REQUESTS):
            bucket.head_object(f"{number % PICTURES}.png")
            own["oss:HeadObject"] += 1
            with pytest.raises(oss2.exceptions.NoSuchKey):
                bucket.get_object("nobody.png")
            own["oss:GetObject"] += 1
        found = json.loads(bucket.get_object(f"{client}.png", process="image/faces").read())
        assert len(found["Faces"] if "Faces" in found else found["Figures"]) == 1
        own["image/faces"] += 1
        with lock:
            counted.update(own)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(ask, client) for client in range(CLIENTS)]:
            done.result()
    kept: Counter[str] = Counter()
    faces = 0
    for key, counts in DatabaseUsageStore(pair.database).rows():
        kept[key.operation] += counts.requests
        faces += counts.image_detect
    assert counted["oss:HeadObject"] == kept["oss:HeadObject"] == CLIENTS * REQUESTS
    assert sum(kept.values()) == sum(counted.values())
    assert faces == CLIENTS


def test_a_request_that_one_server_answered_is_refused_by_the_other(pair: Pair) -> None:
    """A nonce counts for all of them: the very same request is answered once, whoever is asked."""
    request, _ = acs3("ProjectName=nothing", key=KEY, x_acs_date=f"{utc_now():%Y-%m-%dT%H:%M:%SZ}")
    assert [ask_imm(server, request) for server in pair.servers] == ["ResourceNotFound", "SignatureNonceUsed"]


@pytest.mark.anyio
async def test_tasks_run_once_and_those_of_a_killed_server_are_taken_over(pair: Pair) -> None:
    """Both do tasks; one is killed in the middle: every task succeeds once, and is begun again only if it was held."""
    faces = SqlFaceDatabase(pair.database, MemoryVectorIndexes(), FaceDbSettings(), utc_now)
    await faces.create_dataset(REF, DatasetSpec())
    tasks = SqlTasks(pair.database, TaskSettings(), utc_now)
    files = [WantedFile(Address(BUCKET, f"{number}.png"), FileSpec()) for number in range(PICTURES)]
    accepted = list(await tasks.add_all([indexing_task(Principal(KEY[0]), REF, file) for file in files]))
    killed, left = pair.servers
    await until(lambda: len(succeeded(killed)) > 0 and len(succeeded(left)) > 0, "both have done some")
    killed.process.send_signal(signal.SIGKILL)
    killed.process.wait(timeout=30)
    assert killed.process.stdout is not None
    killed.process.stdout.close()
    held = attempts(pair.database)

    async def all_ended() -> bool:
        return all([(await tasks.get(REF.project, task.task_id)).ended is not None for task in accepted])

    await until(all_ended, "all have ended")

    def told() -> set[str]:
        return {*succeeded(killed), *succeeded(left)}

    # A line is written after the commit: the killed server may have lost those of the tasks that it held.
    later = {task_id for task_id, count in held.items() if count == 0}
    await until(lambda: later <= told(), "what was begun after the end of the one is told by the other")
    done = [*succeeded(killed), *succeeded(left)]
    assert len(done) == len(set(done))
    assert set(done) <= {task.task_id for task in accepted}
    assert {(await tasks.get(REF.project, task.task_id)).status for task in accepted} == {TaskStatus.SUCCEEDED}
    kept = await faces.get_files(REF, [file.uri for file in files])
    assert [len(file.figures) for file in kept] == [1] * PICTURES
    again = [task_id for task_id, count in attempts(pair.database).items() if count > 1]
    assert set(again) <= {task_id for task_id in held if task_id not in succeeded(killed)}
    assert all(count <= 2 for count in attempts(pair.database).values())


def ask_imm(server: RunningServer, request: WireRequest) -> str:
    """Send a request as it was signed, and give the code of the answer."""
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    with closing(connection):
        connection.request("POST", f"/?{request.query}", headers=dict(request.headers))
        return str(json.loads(connection.getresponse().read())["Code"])


def succeeded(server: RunningServer) -> list[str]:
    """Name the tasks that a server says it has brought to a good end."""
    lines = (line for line in server.log.read_text().splitlines() if '"task"' in line)
    told = [json.loads(line) for line in lines if line.endswith("}")]
    return [line["task_id"] for line in told if line["event"] == "task" and line["outcome"] == "succeeded"]


def attempts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return dict(connection.execute(select(TASKS.c.task_id, TASKS.c.attempts)).all())


async def until(look: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Look again and again, for two minutes at most."""
    with anyio.move_on_after(100):
        while True:
            found = look()
            if found if isinstance(found, bool) else await found:
                return
            await anyio.sleep(0.05)
    raise AssertionError(f"never: {what}")

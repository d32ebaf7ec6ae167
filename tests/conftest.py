import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import oss2
import pytest
import structlog
from hypothesis import settings

from oss_faces.database import DATABASE_FILE, Database, open_database
from tests.postgresql import Cluster, running_cluster
from tests.running import RunningServer, portrait, start_server

# A slow machine is no failure; the time limit of a whole test still holds. Every run draws the same examples: what is
# new is looked for by fuzzing.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a run may be told; options have to be known before the folders of the tests are read."""
    parser.addoption("--screenshots", type=Path, help="folder that keeps what the console looked like")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """A test that sets up logging, as a command does, must not do so for the tests behind it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with labelled data and captures beside the project; what needs it says so when it is absent."""
    folder = Path(os.environ.get("OSS_FACES_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("needs the shared folder beside the project (OSS_FACES_SHARED)")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own process, which must stop cleanly in the end."""
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def bucket(server: RunningServer) -> oss2.Bucket:
    """`examplebucket`, which holds the portrait as `example.jpg`, as the product page has it."""
    made = server.bucket()
    made.create_bucket()
    made.put_object_from_file("example.jpg", str(portrait()))
    return made


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state database in a file with all tables: made once, and copied."""
    folder = tmp_path_factory.mktemp("empty")
    open_database(folder).close()
    return folder / DATABASE_FILE


@pytest.fixture
def states(request: pytest.FixtureRequest, memory_disk: Path, empty_state: Path) -> Iterator[Callable[[str], Database]]:
    """Opens a state database with all tables and nothing in them, by the name of the engine."""
    with ExitStack() as stack:

        def open_state(engine: str) -> Database:
            if engine == "postgresql":
                cluster: Cluster = request.getfixturevalue("postgresql")
                return cluster.ready()
            shutil.copy(empty_state, memory_disk)
            return stack.enter_context(closing(open_database(memory_disk)))

        yield open_state


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder in memory where the system has one, for tests that write much and do not judge what a crash leaves."""
    shared_memory = Path("/dev/shm")  # noqa: S108  only its being there is used; the folder made in it is private
    place = shared_memory if os.access(shared_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="oss-faces-test-", dir=place) as folder:
        yield Path(folder)

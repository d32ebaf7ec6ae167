"""What only processes do: a crash, a hang or too much memory ends one job, and another process takes the seat."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from oss_faces.config import Settings
from oss_faces.errors import DeadlineExceeded, ImageTooLarge, ModelUnavailable, WorkerLost
from oss_faces.inference import CENTERFACE, ModelSettings, read_model
from oss_faces.stages import FindFaces
from oss_faces.workers import ProcessCrew, Workers, WorkerSettings
from tests.contracts.workers.calls import (
    Descriptors,
    Environment,
    Grow,
    GrowNatively,
    Hang,
    Kill,
    Measure,
    Niceness,
    Pid,
    Print,
    Unpicklable,
)
from tests.contracts.workers.conftest import MEMORY_BYTES_MAX, ROOT, hello
from tests.running import portrait

pytestmark = pytest.mark.anyio

PICTURE = portrait().read_bytes()


@pytest.fixture(scope="module")
async def crew() -> AsyncIterator[ProcessCrew]:
    """One process, so that the next job is done in its seat."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("OSS_FACES_ACCESS_KEY_SECRET", "a secret of the server")
        patch.setenv("KEY_OF_A_MOUNT", "another secret")
        made = ProcessCrew(1, hello(Settings().stages))
        await made.start()
        yield made
        await made.aclose()


async def do(crew: ProcessCrew, call, content: bytes = b""):
    return await crew.begin(call, content).result()


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not claim():  # noqa: ASYNC110  other processes cannot set an asyncio.Event
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_crash_ends_one_job(number: int, crew: ProcessCrew) -> None:
    """Its caller hears so, with the signal for the log; the next one is served by another process."""
    before = await do(crew, Pid())
    with pytest.raises(WorkerLost) as caught:
        await do(crew, Kill(number))
    assert caught.value.context == {"status": -number}
    assert caught.value.retryable
    assert await do(crew, Pid()) != before
    assert len((await do(crew, FindFaces(), PICTURE)).faces) == 1


async def test_work_past_its_deadline_is_killed(crew: ProcessCrew, tmp_path: Path) -> None:
    """The caller gets its 503, the process is gone, and the place is free for the next."""
    workers = Workers(WorkerSettings(deadline_s=20), crew)
    begun = tmp_path / "begun"

    async def hang() -> None:
        async with asyncio.timeout(1.0), workers.place() as place:
            # The same end as that of the deadline, which a busy machine would need for the start of a process.
            place.until = asyncio.get_running_loop().time() + 1.0
            await place.run(Hang(begun), b"")

    with pytest.raises(TimeoutError):
        await hang()
    await until(lambda: begun.exists() and not is_alive(int(begun.read_text())))
    async with workers.place() as place:
        assert await place.run(Measure(), b"123") == 3
    assert workers.running == 0


async def test_background_work_has_an_end_too(crew: ProcessCrew, tmp_path: Path) -> None:
    """A picture on which indexing hangs costs `background_s`, and no worker for ever."""
    workers = Workers(WorkerSettings(background_s=1), crew)
    begun = tmp_path / "begun"
    with pytest.raises(DeadlineExceeded):
        async with workers.background_place() as place:
            await place.run(Hang(begun), b"")
    await until(lambda: not begun.exists() or not is_alive(int(begun.read_text())))
    # On a busy machine a process takes longer to start than that.
    await do(crew, Measure())
    async with workers.background_place() as place:
        assert await place.run(Measure(), b"123") == 3


async def test_too_much_memory_ends_one_job(crew: ProcessCrew) -> None:
    """Whether Python hears of it or not, the limit holds for the process, and the process goes on."""
    assert await do(crew, Grow(64 << 20)) == 1
    before = await do(crew, Pid())
    with pytest.raises(MemoryError):
        await do(crew, Grow(2 * MEMORY_BYTES_MAX))
    with pytest.raises(OSError, match="memory"):
        await do(crew, GrowNatively(2 * MEMORY_BYTES_MAX))
    assert await do(crew, Pid()) == before


async def test_a_picture_that_does_not_fit_is_too_large() -> None:
    """What the limits on pictures let through and the memory does not hold is told as the former would."""
    decoding = replace(Settings().decoding, working_bytes_max=1 << 40, pixels_max=10**9, side_max=10**6)
    crew = ProcessCrew(1, hello(replace(Settings().stages, decoding=decoding), 400 << 20))
    await crew.start()
    # Half a gigabyte of pixels in a file of some kilobytes.
    side = 13_000
    header = b"BM" + (54 + 0).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    sizes = (40).to_bytes(4, "little") + side.to_bytes(4, "little") + side.to_bytes(4, "little")
    content = header + sizes + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24)
    with suppress(ImageTooLarge, WorkerLost):
        await do(crew, FindFaces(), content)
    assert len((await do(crew, FindFaces(), PICTURE)).faces) == 1
    await crew.aclose()


async def test_what_a_library_prints_does_no_harm(crew: ProcessCrew) -> None:
    """It goes to the log, and not between the frames."""
    assert await do(crew, Print(), b"123") == 3
    assert await do(crew, Measure(), b"1234") == 4


async def test_a_worker_has_no_secret_and_no_file_of_the_server(crew: ProcessCrew, tmp_path: Path) -> None:
    """Neither its environment nor what it has open gives anything away."""
    with (tmp_path / "open").open("wb") as own:
        os.set_inheritable(own.fileno(), True)  # noqa: FBT003  as the library has it
        with suppress(WorkerLost):
            await do(crew, Kill())
        environment = await do(crew, Environment())
        opened = await do(crew, Descriptors())
    assert not [value for value in environment.values() if "secret" in value]
    assert [target for target in opened if not target.startswith(("pipe:", "/proc/", "socket:"))] == []


async def test_signals_of_the_terminal_are_for_the_server(crew: ProcessCrew) -> None:
    """Ctrl-C and the signal of a service manager leave a worker at work; the server ends it."""
    pid = await do(crew, Pid())
    assert os.getpgid(pid) != os.getpgid(0)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert await do(crew, Pid()) == pid


async def test_a_worker_steps_back_behind_the_server() -> None:
    """It is nicer by what the settings say, and in the same session: processors may be shared among sessions first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        crew = ProcessCrew(1, hello(Settings().stages, niceness=3))
        await crew.start()
    try:
        assert await do(crew, Niceness()) == min(os.nice(0) + 3, 19)
        assert os.getsid(await do(crew, Pid())) == os.getsid(0)
    finally:
        await crew.aclose()


async def test_a_worker_that_ended_while_idle_costs_nobody_a_request(crew: ProcessCrew) -> None:
    """It is found out before it is given work."""
    pid = await do(crew, Pid())
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not is_alive(pid))
    assert await do(crew, Pid()) != pid


async def test_a_result_that_cannot_be_handed_over_is_an_error(crew: ProcessCrew) -> None:
    """A defect of ours, which is told and does not end the process."""
    pid = await do(crew, Pid())
    with pytest.raises(RuntimeError, match="pickle"):
        await do(crew, Unpicklable())
    assert await do(crew, Pid()) == pid


async def test_closing_ends_every_process(tmp_path: Path) -> None:
    """Those at work and those being started included."""
    begun = tmp_path / "begun"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        crew = ProcessCrew(2, hello(Settings().stages))
        await crew.start()
    job = crew.begin(Hang(begun), b"")
    await until(begun.exists)
    await crew.aclose()
    job.when_over(lambda: None)
    assert not is_alive(int(begun.read_text()))
    assert not workers_left()


def is_child_of_ours(stat: Path) -> bool:
    """Whether it is a worker whose parent is this process, the one of the module's fixture left out."""
    with suppress(OSError):
        parent = int(stat.read_text().rpartition(")")[2].split()[1])
        line = (stat.parent / "cmdline").read_bytes()
        return parent == os.getpid() and b"oss_faces.child" in line and stat.parent.name not in OTHERS
    return False


def workers_left() -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/stat") if is_child_of_ours(path)]


OTHERS: set[str] = set()


@pytest.fixture(autouse=True)
async def others(crew: ProcessCrew) -> None:
    """Know the process of the fixture."""
    OTHERS.clear()
    OTHERS.add(str(await do(crew, Pid())))


# --- networks that are not what they should be --------------------------------------------------------------------


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with a copy of the detector."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / Path(CENTERFACE.file).name).write_bytes(read_model(CENTERFACE, ModelSettings()))
    return tmp_path / "models"


async def test_a_truncated_network_ends_the_start(models: Path) -> None:
    """With the words that name the file, and no process left over."""
    file = models / Path(CENTERFACE.file).name
    file.write_bytes(file.read_bytes()[:1000])
    crew = ProcessCrew(2, hello(replace(Settings().stages, models=ModelSettings(models))))
    with pytest.raises(ModelUnavailable, match="centerface"):
        await crew.start()
    assert not workers_left()


async def test_a_network_truncated_meanwhile_is_told_until_it_is_repaired(models: Path) -> None:
    """A worker goes on with what it has loaded. Its successor cannot, says why, and is tried again."""
    file = models / Path(CENTERFACE.file).name
    whole = file.read_bytes()
    now = [0.0]
    structlog.reset_defaults()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        stages = replace(Settings().stages, models=ModelSettings(models))
        crew = ProcessCrew(1, hello(stages), lambda: now[0])
        await crew.start()
        file.write_bytes(whole[:1000])
        assert len((await do(crew, FindFaces(), PICTURE)).faces) == 1
        with capture_logs() as log, pytest.raises(WorkerLost):
            await do(crew, Kill())
        for _ in range(3):
            with pytest.raises(ModelUnavailable, match="centerface"):
                await do(crew, FindFaces(), PICTURE)
        file.write_bytes(whole)
        # Not before its time: each start costs what a picture costs, and more.
        with pytest.raises(ModelUnavailable):
            await do(crew, FindFaces(), PICTURE)
        now[0] += 2.0
        assert len((await do(crew, FindFaces(), PICTURE)).faces) == 1
        await crew.aclose()
    assert [line for line in log if line["event"] == "worker_ended"]

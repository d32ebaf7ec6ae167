"""What a worker process does: it loads the stages once, and then one call after the other."""

import ctypes
import os
import resource
import signal
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from oss_faces.child.wire import HEAD, Hello, Outcome, lengths, pack, unpack
from oss_faces.errors import OssFacesError
from oss_faces.lasting import lasting
from oss_faces.stages import Call, Stages, load_stages, warm_up

# Source: linux/prctl.h.
_PR_SET_PDEATHSIG: Final = 1
# The kernel takes the process with the highest score first; the server itself has 0. Source: proc_pid_oom_score_adj(5).
_OOM_SCORE: Final = 500


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Load the stages that are asked for, and do calls until there are no more."""
    frame = _read(requests)
    if frame is None:
        return
    hello: Hello = frame[0]
    _confine(hello)
    try:
        with lasting():
            stages = load_stages(hello.stages)
    except Exception as exc:  # noqa: BLE001  (the boundary of the process: handed on, and raised there)
        _answer(answers, Outcome(error=_told(exc)))
        return
    _answer(answers, Outcome())
    # The server is seldom ready as soon. What fails here fails again, and is told, when somebody asks.
    with suppress(OssFacesError, MemoryError):
        warm_up(stages)
    while (frame := _read(requests)) is not None:
        _answer(answers, _do(frame[0], stages, frame[1]))
        # The last picture is not kept while there is nothing to do.
        del frame


def _do(call: Call[Any], stages: Stages, content: bytes) -> Outcome:
    try:
        return Outcome(call.do(stages, content))
    except Exception as exc:  # noqa: BLE001  (the boundary of the process: handed on, and raised there)
        return Outcome(error=_told(exc))


def _told(error: Exception) -> Exception:
    """Let the traceback travel with an error; what the server logs of it is then all that is known."""
    error.add_note("in a worker process:\n" + "".join(traceback.format_exception(error)))
    return error


def _read(requests: BinaryIO) -> tuple[Any, bytes] | None:
    """Read a frame; `None` when there is no other one."""
    head = requests.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    value_bytes, content_bytes = lengths(head)
    value, content = requests.read(value_bytes), requests.read(content_bytes)
    return (unpack(value), content) if len(content) == content_bytes else None


def _answer(answers: BinaryIO, outcome: Outcome) -> None:
    try:
        head, _ = pack(outcome)
    except Exception as exc:  # noqa: BLE001  (a value or an error that cannot be pickled is handed on by its words)
        head, _ = pack(Outcome(error=RuntimeError(f"{type(exc).__name__}: {exc}; it was {outcome.error!r}")))
    answers.write(head)
    answers.flush()


def _confine(hello: Hello) -> None:
    """Bind this process to the server, and keep what it does from harming others."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != hello.server_pid:
        # The server ended before the line above.
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_DATA, (hello.memory_bytes_max, hello.memory_bytes_max))
    # The memory of a crashed process holds somebody's picture.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The server has little to do for each request, and whoever is answered without a picture waits for that alone.
    os.nice(hello.niceness)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")

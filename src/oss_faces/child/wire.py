"""How a worker process and the server talk: frames of pickled values, with a picture file as it is beside them.

Both ends are one program with one owner. Nothing that a client sends is ever unpickled: it travels as plain bytes.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import Any, Final

from oss_faces.child.begun import BegunProcess
from oss_faces.stages.settings import StageSettings

HEAD: Final = struct.Struct(">QQ")
"""Lengths in bytes of the pickled value and of the plain bytes behind it."""

FRAME_BYTES_MAX: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Hello:
    """What a worker process is told first.

    Attributes:
        niceness: by how much it steps back behind the server; see `WorkerSettings`.
        server_pid: of the process whose end is also the end of the worker.
    """

    stages: StageSettings
    memory_bytes_max: int
    niceness: int
    server_pid: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: a value, or the error that was raised."""

    value: Any = None
    error: Exception | None = None


def pack(value: object, content: bytes = b"") -> tuple[bytes, bytes]:
    """Write a frame: its beginning, and the plain bytes, which are not copied."""
    pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(pickled), len(content)) + pickled, content


def unpack(pickled: bytes) -> Any:
    """Read the value of a frame that the other end wrote."""
    return pickle.loads(pickled)  # noqa: S301  see above


def lengths(head: bytes) -> tuple[int, int]:
    """Read the beginning of a frame.

    Raises:
        ValueError: no frame is so long; the other end does not keep the form.
    """
    value_bytes, content_bytes = HEAD.unpack(head)
    if value_bytes + content_bytes > FRAME_BYTES_MAX:
        raise ValueError("a frame is too long")
    return value_bytes, content_bytes


def greet(begun: BegunProcess, hello: Hello) -> None:
    """Tell a process which stages to load; it loads them while nobody waits for it."""
    begun.tell(b"".join(pack(hello)))

"""Calls that misbehave as pictures might. Worker processes import this by the path of the project."""

import mmap
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from oss_faces.errors import CorruptImage
from oss_faces.stages import Stages


@dataclass(frozen=True)
class Measure:
    """Tell how long the content is."""

    def do(self, _stages: Stages, content: bytes) -> int:
        return len(content)


@dataclass(frozen=True)
class Fail:
    """Raise an error of ours with all that can be told of it."""

    def do(self, _stages: Stages, _content: bytes) -> None:
        raise CorruptImage("told", ec="0056-1", details={"A": "b"}, context={"reason": "drawn"})


@dataclass(frozen=True)
class Unforeseen:
    """Raise what nobody expects."""

    def do(self, _stages: Stages, _content: bytes) -> None:
        raise LookupError("nobody expects it")


@dataclass(frozen=True)
class Meet:
    """Say that one is there, and wait for a sign."""

    folder: Path

    def do(self, _stages: Stages, _content: bytes) -> str:
        name = f"{os.getpid()}-{threading.get_ident()}"
        os.mkfifo(self.folder / f"{name}.fifo")
        (self.folder / name).touch()
        with (self.folder / f"{name}.fifo").open("rb") as sign:
            sign.read()
        return name


@dataclass(frozen=True)
class Pid:
    """Tell which process it is."""

    def do(self, _stages: Stages, _content: bytes) -> int:
        return os.getpid()


@dataclass(frozen=True)
class Kill:
    """End the process by a signal, as a crash does."""

    number: int = signal.SIGSEGV

    def do(self, _stages: Stages, _content: bytes) -> None:
        os.kill(os.getpid(), self.number)


@dataclass(frozen=True)
class Hang:
    """Never come to an end, after a sign of having begun."""

    begun: Path

    def do(self, _stages: Stages, _content: bytes) -> None:
        # Whoever sees the file finds the number in it.
        unfinished = self.begun.with_suffix(".part")
        unfinished.write_text(str(os.getpid()))
        unfinished.replace(self.begun)
        threading.Event().wait()


@dataclass(frozen=True)
class Grow:
    """Ask for more memory than there may be."""

    size_bytes: int

    def do(self, _stages: Stages, _content: bytes) -> int:
        return int(np.ones(self.size_bytes, np.uint8)[-1])


@dataclass(frozen=True)
class GrowNatively:
    """Ask the system for it, past everything that raises a MemoryError."""

    size_bytes: int

    def do(self, _stages: Stages, _content: bytes) -> int:
        with mmap.mmap(-1, self.size_bytes, flags=mmap.MAP_PRIVATE) as taken:
            return len(taken)


@dataclass(frozen=True)
class Print:
    """Write where the frames go, as a library may."""

    def do(self, _stages: Stages, content: bytes) -> int:
        sys.stdout.write("a library says something\n")
        sys.stdout.flush()
        os.write(1, b"and so does its native part\n")
        return len(content)


@dataclass(frozen=True)
class Environment:
    """Tell all that a process was given."""

    def do(self, _stages: Stages, _content: bytes) -> dict[str, str]:
        return dict(os.environ)


@dataclass(frozen=True)
class Niceness:
    """Tell how far a process steps back behind others."""

    def do(self, _stages: Stages, _content: bytes) -> int:
        return os.nice(0)


@dataclass(frozen=True)
class Descriptors:
    """Tell what a process has open, standard streams left out."""

    def do(self, _stages: Stages, _content: bytes) -> list[str]:
        opened = [int(path.name) for path in Path("/proc/self/fd").iterdir()]
        return [target for number in opened if number > 2 and (target := _target(number))]


@dataclass(frozen=True)
class Unpicklable:
    """Give what cannot be handed over."""

    def do(self, _stages: Stages, _content: bytes) -> object:
        return threading.Lock()


def _target(number: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return ""

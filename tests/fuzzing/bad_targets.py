"""Programs with one defect each, for the watcher to see. At module level: the exploring process makes them by name."""

import os
import signal
import time

from fuzzing.target import Target

SECRET = b"gold"
OURS = (__file__,)


def raising() -> Target:
    return Target("raising", _raise, (), (b"abc",), cpu_s_max=5)


def crashing() -> Target:
    return Target("crashing", _crash, (), (b"crash me",), cpu_s_max=5)


def looping() -> Target:
    return Target("looping", _loop, (), (b"endless",), cpu_s_max=0.2)


def growing() -> Target:
    return Target("growing", _grow, (), (b"more",), cpu_s_max=20)


def refusing() -> Target:
    return Target("refusing", _refuse, (ValueError,), (b"no",), cpu_s_max=5)


def guarded() -> Target:
    """Fails only for inputs that begin with a word, found letter by letter by who sees the ways through it."""
    return Target("guarded", _guard, (), (b"____",), size_bytes_max=8, cpu_s_max=5, traced=OURS)


def _raise(data: bytes) -> str:
    return str(data[1_000_000])


def _crash(data: bytes) -> str:
    if data == b"crash me":
        os.kill(os.getpid(), signal.SIGSEGV)
    return ""


def _loop(data: bytes) -> str:
    while data == b"endless":
        pass
    return ""


def _grow(data: bytes) -> str:
    return str(len(bytes(900 * 1024 * 1024).replace(b"\0", b"\1"))) if data == b"more" else ""


def _refuse(data: bytes) -> str:
    raise ValueError(time.monotonic())


def _guard(data: bytes) -> str:
    if data[:1] == b"g":
        if data[1:2] == b"o":
            if data[2:3] == b"l":
                assert data[3:4] != b"d"
                return ""
            return ""
        return ""
    return ""

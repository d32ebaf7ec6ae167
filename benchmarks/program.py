"""A program that answers one JSON line with another, kept for many questions; see `benchmarks.lines`."""

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parents[1]
START_S: Final = 180.0
"""Most time for the greeting: on a busy machine a large runtime takes minutes to be imported."""
_CHUNK_BYTES: Final = 1 << 20


class ProgramFailedError(RuntimeError):
    """The program ended, or said nothing for too long."""


class Program:
    """A running program. Used as a context; on leaving it is told to end.

    Args:
        command: program and arguments, run in the root of the project.
        environment: variables besides those of this process, none of which is a setting of ours.

    Raises:
        ProgramFailedError: it did not greet.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
        self._name = " ".join(command[:3])
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**clean, "PYTHONPATH": str(ROOT), **(environment or {})},
        )
        self._unread = b""
        try:
            self.greeting = self.receive(START_S)
        except ProgramFailedError:
            self.close()
            raise

    @classmethod
    def of_module(cls, module: str, *arguments: str) -> Self:
        """Start a module of this project with this interpreter."""
        return cls([sys.executable, "-m", module, *arguments])

    @property
    def process_id(self) -> int:
        """Number of the process."""
        return self._process.pid

    def ask(self, question: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """Ask, and wait for the answer.

        Raises:
            ProgramFailedError: there is none.
        """
        self.send(question)
        return self.receive(timeout_s)

    def send(self, question: Mapping[str, Any]) -> None:
        """Ask; the answer is taken by `receive`."""
        assert self._process.stdin is not None, "the program was started with a pipe"
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as exc:
            raise ProgramFailedError(f"{self._name} ended with status {self._process.poll()}") from exc

    def receive(self, timeout_s: float) -> dict[str, Any]:
        """Wait for one line that is an object; what libraries print while they are imported is passed over.

        Raises:
            ProgramFailedError: none came.
        """
        line = self._receive_line(timeout_s)
        while not line.startswith(b"{"):
            line = self._receive_line(timeout_s)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _receive_line(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None, "the program was started with a pipe"
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
            if not ready:
                raise ProgramFailedError(f"{self._name} said nothing for {timeout_s:.0f} s")
            fresh = os.read(self._process.stdout.fileno(), _CHUNK_BYTES)
            if not fresh:
                raise ProgramFailedError(f"{self._name} ended with status {self._process.wait()}")
            self._unread += fresh
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def close(self) -> None:
        """End the program: its input ends, and after a while it is ended."""
        assert self._process.stdin is not None, "the program was started with a pipe"
        assert self._process.stdout is not None, "the program was started with a pipe"
        with contextlib.suppress(OSError):  # it may have ended, with the last question unread
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

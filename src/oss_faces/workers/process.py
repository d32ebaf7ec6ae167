"""One worker process, seen from the server.

It is a program of its own and not a copy of the server: it has none of its keys, files and connections. Killing it
ends it, and nothing else has to be asked for that.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar

from oss_faces.errors import WorkerLost
from oss_faces.stages import Call
from oss_faces.workers.wire import HEAD, Hello, Outcome, lengths, pack, unpack

Result = TypeVar("Result")

START_S: Final = 60.0
"""Longest time to load the networks, on a machine that has other work."""

# What a worker needs of the environment; there may be secrets in the rest.
_KEPT: Final = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV"})
_KEPT_PREFIXES: Final = ("LC_", "LD_", "PYTHON", "ORT_", "MALLOC_")
# The networks have one thread each; so have the libraries below them.
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class WorkerProcess:
    """A process that does one call at a time. Make it with `start`, and in the end call `end`."""

    def __init__(self, child: Process) -> None:
        assert child.stdin is not None, "the process was started with pipes"
        assert child.stdout is not None, "the process was started with pipes"
        self._child = child
        self._requests, self._answers = child.stdin, child.stdout
        self._is_at_work = False

    @classmethod
    async def start(cls, hello: Hello) -> "WorkerProcess":
        """Start a process, and wait until its stages are loaded.

        Raises:
            ModelUnavailable, ConfigurationError: a network cannot be loaded.
            WorkerLost: the process cannot be started, or is not ready after `START_S`.
        """
        # In a session of its own, a terminal's Ctrl-C is for the server alone. `-P`: nothing is imported from where the
        # server happens to have been started.
        command = (sys.executable, "-P", "-m", "oss_faces.workers.child")
        environment = _environment(os.environ)
        try:
            child = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, start_new_session=True, env=environment
            )
        except OSError as exc:
            raise WorkerLost(context={"reason": f"no process could be started: {exc}"}) from exc
        process = cls(child)
        try:
            async with asyncio.timeout(START_S):
                await process._ask(hello, b"")
        except TimeoutError as exc:
            await process.end()
            raise WorkerLost(context={"reason": f"a worker was not ready after {START_S} s"}) from exc
        except BaseException:
            await process.end()
            raise
        return process

    @property
    def is_fit(self) -> bool:
        """Whether it can be given a call. One that did not end its last call cannot."""
        return self._child.returncode is None and not self._is_at_work

    async def do(self, call: Call[Result], content: bytes) -> Result:
        """Do one call.

        Raises:
            WorkerLost: the process ended meanwhile.
            Exception: what the call raised.
        """
        result: Result = await self._ask(call, content)
        return result

    async def end(self) -> int:
        """Kill it, if it has not ended; gives its exit status."""
        with suppress(ProcessLookupError):
            self._child.kill()
        self._requests.close()
        # What is still in the pipe would keep it open.
        await self._answers.read()
        return await self._child.wait()

    async def _ask(self, value: object, content: bytes) -> Any:
        self._is_at_work = True
        try:
            self._requests.writelines(pack(value, content))
            await self._requests.drain()
            value_bytes, _ = lengths(await self._answers.readexactly(HEAD.size))
            outcome: Outcome = unpack(await self._answers.readexactly(value_bytes))
        except (OSError, asyncio.IncompleteReadError) as exc:
            raise WorkerLost(context={"status": await self.end()}) from exc
        self._is_at_work = False
        if outcome.error is not None:
            raise outcome.error
        return outcome.value


def _environment(whole: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in whole.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    return {**kept, **_ONE_THREAD}

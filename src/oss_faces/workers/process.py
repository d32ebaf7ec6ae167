"""One worker process, seen from the server.

It is a program of its own and not a copy of the server: it has none of its keys, files and connections. Killing it
ends it, and nothing else has to be asked for that.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final, TypeVar

from oss_faces.child.begun import BegunProcess
from oss_faces.child.wire import HEAD, Hello, Outcome, greet, lengths, pack, unpack
from oss_faces.errors import WorkerLost
from oss_faces.stages import Call

Result = TypeVar("Result")

START_S: Final = 60.0
"""Longest time to load the networks, on a machine that has other work."""


class WorkerProcess:
    """A process that does one call at a time. Make it with `start`, and in the end call `end`."""

    def __init__(self, begun: BegunProcess, answers: asyncio.StreamReader, requests: asyncio.StreamWriter) -> None:
        self._begun = begun
        self._answers, self._requests = answers, requests
        self._is_at_work = False

    @classmethod
    async def start(cls, hello: Hello) -> "WorkerProcess":
        """Start a process, and wait until its stages are loaded.

        Raises:
            ModelUnavailable, ConfigurationError: a network cannot be loaded.
            WorkerLost: the process cannot be started, or is not ready after `START_S`.
        """
        begun = BegunProcess.begin()
        greet(begun, hello)
        return await cls.adopt(begun)

    @classmethod
    async def adopt(cls, begun: BegunProcess) -> "WorkerProcess":
        """Wait for a process that was told which stages to load; see `start`."""
        process = cls(begun, *await asyncio.open_unix_connection(sock=begun.connection))
        try:
            async with asyncio.timeout(START_S):
                await process._answer()
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
        return self._begun.status is None and not self._is_at_work

    async def do(self, call: Call[Result], content: bytes) -> Result:
        """Do one call.

        Raises:
            WorkerLost: the process ended meanwhile.
            Exception: what the call raised.
        """
        self._requests.writelines(pack(call, content))
        result: Result = await self._answer()
        return result

    async def end(self) -> int:
        """Kill it, if it has not ended; gives its exit status."""
        self._begun.kill()
        try:
            # Its end of the connection is the last that goes: what it held is free by then, and nobody waits below.
            with suppress(OSError):
                await self._answers.read()
        finally:
            self._requests.transport.abort()
            status = self._begun.wait()
        return status

    async def _answer(self) -> Any:
        """Wait until what was sent is taken and answered."""
        self._is_at_work = True
        try:
            await self._requests.drain()
            value_bytes, _ = lengths(await self._answers.readexactly(HEAD.size))
            outcome: Outcome = unpack(await self._answers.readexactly(value_bytes))
        except (OSError, asyncio.IncompleteReadError) as exc:
            raise WorkerLost(context={"status": await self.end()}) from exc
        self._is_at_work = False
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

"""Requests that stand before a door, and a full server behind it."""

import asyncio
from contextlib import AsyncExitStack

from oss_faces.errors import Overloaded, RefusedAtDoor
from oss_faces.workers import Door, Workers
from tests.working import inside, settle

EVER_S = 600.0
# Nobody waits for others to stop coming.
ALWAYS_QUIET_S = 0.0


class Visitor:
    """A request that goes on only when it is told to; with `works` it asks for a place and keeps it."""

    def __init__(self, door: Door, workers: Workers | None = None, error: Exception | None = None) -> None:
        self._door, self._workers, self._error = door, workers, error
        self._goes_on = asyncio.Event()
        self.is_inside = False
        self.task = asyncio.create_task(self._visit())

    async def _visit(self) -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(inside(self._door))
            self.is_inside = True
            if self._workers is not None:
                await asyncio.sleep(0)  # looked at
                await stack.enter_async_context(self._workers.place())
            await self._goes_on.wait()
            if self._error is not None:
                raise self._error

    @property
    def error(self) -> BaseException | None:
        """How it ended."""
        return self.task.exception() if self.task.done() else None

    async def leave(self) -> None:
        self._goes_on.set()
        await asyncio.wait([self.task])
        assert self.error is self._error or isinstance(self.error, RefusedAtDoor | Overloaded)

    async def cancel(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def full(door: Door, workers: Workers) -> list[Visitor]:
    """Take every place; nobody is looked at any more then."""
    taken = [Visitor(door, workers) for _ in range(2)]
    await settle()
    assert workers.is_full
    assert door.examined == 0
    return taken


async def one_by_one(door: Door, count: int) -> list[Visitor]:
    """Let so many come, each when the one before has got as far as it gets."""
    came = []
    for _ in range(count):
        came.append(Visitor(door))
        await settle()
    return came


async def end(*visitors: Visitor) -> None:
    for visitor in visitors:
        await visitor.leave()

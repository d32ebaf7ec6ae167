import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from oss_faces.stages import Call, Stages

Result = TypeVar("Result")


class ThreadJob(Generic[Result]):
    """Work in a thread; see `Job`."""

    def __init__(self, future: Future[Result]) -> None:
        self._future = future

    async def result(self) -> Result:
        """Wait for its result; see `Job.result`."""
        return await asyncio.wrap_future(self._future)

    def stop(self) -> None:
        """Keep it from beginning; one that has begun works on."""
        self._future.cancel()

    def when_over(self, tell: Callable[[], None]) -> None:
        """Call when its thread is free; see `Job.when_over`."""
        if self._future.cancel() or self._future.done():
            tell()
            return
        loop = asyncio.get_running_loop()
        self._future.add_done_callback(lambda _: loop.call_soon_threadsafe(tell))


class ThreadCrew:
    """Threads of this process; see `Crew`. A crash in one ends all, and none can be stopped."""

    def __init__(self, size: int, stages: Stages) -> None:
        self._size = size
        self._stages = stages
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="picture")

    @property
    def size(self) -> int:
        """How many threads there are."""
        return self._size

    async def start(self) -> None:
        """Do nothing: threads are there at once."""

    def begin(self, call: Call[Result], content: bytes) -> ThreadJob[Result]:
        """Give out one piece of work; see `Crew.begin`."""
        return ThreadJob(self._pool.submit(call.do, self._stages, content))

    async def aclose(self) -> None:
        """Let running work end and take no more."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

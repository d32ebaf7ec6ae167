import asyncio


class Bell:
    """Wakes whoever waits when there is something to do. Ring and wait in one event loop."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, or who comes to wait next."""
        self._rung.set()

    async def wait(self, at_most_s: float) -> None:
        """Wait until it rings, or for so long. A ring since the last wait counts; only one may wait."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()

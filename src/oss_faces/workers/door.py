"""The door in front of everything else: of the requests that want work on a picture, a few at a time are looked at.

To look at one takes the only event loop a millisecond or two: its signature, its key, the object that it names, its
count. Where many come together they would all be looked at in turns, and the first refusal be ready hardly before the
last. So those beyond a few wait here, which costs nothing, and are let in one after the other; as soon as there is no
room for their pictures all of them are refused, and so is whoever comes then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final

from oss_faces.errors import RefusedAtDoor
from oss_faces.workers.admission import Workers

PATIENCE_S: Final = 0.05
"""How long a request waits here at most: what is looked at may be slow, as where the service behind a mount hangs."""


class Door:
    """Lets requests in of which nothing is known yet. There is one for all `workers`.

    Looked at are those inside whose work is not admitted. Work of requests that came by another way lets in as many
    more.

    Args:
        examined_max: requests that are looked at at the same time.
        patience_s: how long one waits for its turn while there is room.
    """

    def __init__(self, workers: Workers, examined_max: int, patience_s: float = PATIENCE_S) -> None:
        self._workers = workers
        self._examined_max = examined_max
        self._patience_s = patience_s
        self._inside = 0
        # In the order in which they came. The result says whether they may come in.
        self._line: dict[asyncio.Future[bool], None] = {}
        workers.when_admitted(self._call)

    @property
    def examined(self) -> int:
        """Requests that are looked at: neither answered nor admitted."""
        return max(0, self._inside - self._workers.admitted)

    @property
    def waiting(self) -> int:
        """Requests that stand before the door."""
        return len(self._line)

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Wait for a turn, and be inside.

        Raises:
            RefusedAtDoor: there is no room for one more picture, and enough requests are looked at in spite of it.
        """
        if not await self._enter():
            raise RefusedAtDoor(self._workers.draw_retry_after_s(), context={"examined": self.examined})
        try:
            yield
        finally:
            self._leave()

    async def _enter(self) -> bool:
        """Be inside, after a while perhaps; or tell that there is no room."""
        if self.examined < self._examined_max:
            self._inside += 1
            return True
        if self._workers.is_full:
            return False
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._line[turn] = None
        patience = loop.call_later(self._patience_s, self._let_in, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self._leave()
            raise
        finally:
            patience.cancel()
            self._line.pop(turn, None)

    def _leave(self) -> None:
        self._inside -= 1
        self._call()

    def _call(self) -> None:
        """Let in as many as may be looked at, and when there is no room refuse the rest."""
        for turn in list(islice(self._line, max(0, self._examined_max - self.examined))):
            self._let_in(turn)
        if self._line and self._workers.is_full:
            for turn in list(self._line):
                self._decide(turn, may_enter=False)

    def _let_in(self, turn: asyncio.Future[bool]) -> None:
        self._decide(turn, may_enter=True)

    def _decide(self, turn: asyncio.Future[bool], *, may_enter: bool) -> None:
        self._line.pop(turn, None)
        # It may have been cancelled, or the end of its patience come just after its turn.
        if not turn.done():
            # Inside from now on, so that nobody gets the same turn before it goes on.
            self._inside += may_enter
            turn.set_result(may_enter)

"""The door in front of everything else: of the requests that want work on a picture, a few at a time are looked at.

To look at one takes the only event loop a millisecond or two: its signature, its key, the object that it names, its
count. Where many come together they would all be looked at in turns, and the first refusal be ready hardly before the
last. So those beyond a few wait here, which costs nothing, and are let in one after the other. As soon as every worker
has something to do, no more are kept waiting than there would be room for: the rest is refused before it is looked at.
Those who wait for a place that is not wanted yet then go in when nobody else comes: refusals first. A full server looks
once in a while at somebody who may need no worker, for which a few may wait, and at nobody else.
"""

import asyncio
import math
from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Final

from oss_faces.errors import RefusedAtDoor
from oss_faces.workers.admission import Workers

PATIENCE_S: Final = 0.1
"""How long a request waits here at most: what is looked at may be slow, as where the service behind a mount hangs."""

QUIET_S: Final = 0.005
"""After so long without another one nobody comes any more: those of a crowd come a millisecond after each other."""

_QUIET_TRIES: Final = 10
"""So many times quiet is waited for: where requests come all the time there is none."""

_SLOW_AFTER: Final = 4
"""After so many times of waiting for quiet a look counts as slow."""

_FULL_PACE: Final = 2
"""So many times of waiting for quiet lie between two looks that a full server begins."""

_ASKED_MAX: Final = 16
"""So many of those who wait are asked what they need when the last place is taken."""

_FEWEST: Final = 4
"""Of so many that are looked at at the most, one is however little room there is."""


class Door:
    """Lets requests in of which nothing is known yet. There is one for all `workers`.

    Looked at are those inside whose work is not admitted. Work of requests that came by another way lets in as many
    more.

    Args:
        examined_max: requests that are looked at at the same time: no more than workers have nothing to do, and where
            all have, than there is room for; but always a quarter, and at least one.
        patience_s: how long one waits for its turn: then it comes while there is room, and never where there is none.
        quiet_s: for so long nobody else must have come before one goes in who would have to wait inside. A full server
            begins a look every two of these.
    """

    def __init__(
        self, workers: Workers, examined_max: int, patience_s: float = PATIENCE_S, quiet_s: float = QUIET_S
    ) -> None:
        self._workers = workers
        self._examined_max = examined_max
        self._fewest = max(1, examined_max // _FEWEST)
        self._patience_s = patience_s
        self._quiet_s = quiet_s
        self._came = 0
        # As long as it runs somebody came a moment ago.
        self._alarm: asyncio.TimerHandle | None = None
        # Runs as long as somebody waits for the next look of a full server.
        self._next_look: asyncio.TimerHandle | None = None
        self._inside = 0
        self._last_look = -math.inf
        # In the order in which they came, with what tells whether it may need no worker. The result: it may come in.
        self._line: dict[asyncio.Future[bool], Callable[[], bool]] = {}
        workers.when_admitted(self._call)

    @property
    def examined(self) -> int:
        """Requests that are looked at: neither answered nor admitted."""
        return max(0, self._inside - self._workers.admitted)

    @property
    def waiting(self) -> int:
        """Requests that stand before the door."""
        return len(self._line)

    async def enter(self, may_need_no_worker: Callable[[], bool] = lambda: True) -> bool:
        """Wait for a turn; tell whether it came. Who is inside has to `leave`.

        Args:
            may_need_no_worker: asked when the server is full, and once: whether it may be worth a look all the same.
        """
        loop, question = asyncio.get_running_loop(), cache(may_need_no_worker)
        is_next = not (self._line and self._workers.is_full)
        may_go_in = self._is_time and self.examined < self._turns() and is_next and self._is_open_to(question)
        self._came += 1
        self._listen()
        if may_go_in:
            self._count_in()
            return True
        if len(self._line) >= self._line_max() or not self._is_open_to(question):
            return False
        turn: asyncio.Future[bool] = loop.create_future()
        self._line[turn] = question
        self._await_next_look()
        patience = loop.call_later(self._patience_s, self._lose_patience, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():
                self.leave()
            raise
        finally:
            patience.cancel()
            self._line.pop(turn, None)

    def leave(self) -> None:
        """Make room for the next."""
        self._inside -= 1
        self._call()

    def refusal(self) -> RefusedAtDoor:
        """Say to whoever may not come in when to come back."""
        return RefusedAtDoor(self._workers.draw_retry_after_s(), context={"examined": self.examined})

    def _is_open_to(self, question: Callable[[], bool]) -> bool:
        return not self._workers.is_full or question()

    def _turns(self) -> int:
        """Tell how many are looked at: a look for which there is no room most often ends in a refusal, only later."""
        room = self._workers.room
        wanted = self._workers.idle if room is None else room
        return max(self._fewest, min(wanted, self._examined_max))

    @property
    def _is_time(self) -> bool:
        """Whether one may go in: in quiet; always where a worker is free or hardly a place; now and then where none."""
        room = self._workers.room
        if room == 0:
            return asyncio.get_running_loop().time() >= self._last_look + _FULL_PACE * self._quiet_s
        return self._alarm is None or room is None or room < max(2, self._fewest)

    def _line_max(self) -> int:
        """Tell how many may wait: each of them and of those inside says that it wants a place.

        Where there is none, as many as may be looked at, whose turn comes with the next looks.
        """
        room = self._workers.room
        return len(self._line) + 1 if room is None else max(0, (room or self._fewest) - self.examined)

    def _call(self) -> None:
        """Let in as many as may be looked at, and refuse those for whom there would be no room."""
        if self._workers.is_full:
            self._refuse_who_needs_a_worker()
        if self._line and self._is_time:
            free = max(0, self._turns() - self.examined)
            for turn in list(islice(self._line, min(free, 1) if self._workers.is_full else free)):
                self._let_in(turn)
        for turn in list(islice(self._line, self._line_max(), None)):
            self._decide(turn, may_enter=False)
        self._await_next_look()

    def _refuse_who_needs_a_worker(self) -> None:
        """Ask no more than a few: many may have waited until the last place was taken."""
        for place, (turn, question) in enumerate(list(self._line.items())):
            if place >= _ASKED_MAX or not question():
                self._decide(turn, may_enter=False)

    def _await_next_look(self) -> None:
        if self._line and self._next_look is None and self._workers.is_full and self.examined < self._fewest:
            due = self._last_look + _FULL_PACE * self._quiet_s
            self._next_look = asyncio.get_running_loop().call_at(due, self._look_again)

    def _look_again(self) -> None:
        self._next_look = None
        self._call()

    def _listen(self, tries: int = _QUIET_TRIES - 1) -> None:
        if self._alarm is None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(self._quiet_s, self._after_a_moment, self._came, tries)

    def _after_a_moment(self, came: int, tries: int) -> None:
        """Call when nobody else came; while a worker is still free, look at one more after a while.

        A look that has not ended by then waits for something else than the event loop, so others do not slow it down.
        """
        self._alarm = None
        if self._workers.room is None and self._line:
            is_slow = tries <= _QUIET_TRIES - _SLOW_AFTER
            if is_slow and self.examined < self._examined_max:
                self._let_in(next(iter(self._line)))
            self._listen(tries if is_slow else tries - 1)
        elif self._workers.room and self._came > came and tries:
            self._listen(tries - 1)
        self._call()

    def _lose_patience(self, turn: asyncio.Future[bool]) -> None:
        # A full server keeps its pace.
        self._decide(turn, may_enter=not self._workers.is_full)

    def _let_in(self, turn: asyncio.Future[bool]) -> None:
        self._decide(turn, may_enter=True)

    def _decide(self, turn: asyncio.Future[bool], *, may_enter: bool) -> None:
        self._line.pop(turn, None)
        # It may have been cancelled, or the end of its patience come just after its turn.
        if not turn.done():
            # Inside from now on, so that nobody gets the same turn before it goes on.
            if may_enter:
                self._count_in()
            turn.set_result(may_enter)

    def _count_in(self) -> None:
        self._inside += 1
        self._last_look = asyncio.get_running_loop().time()

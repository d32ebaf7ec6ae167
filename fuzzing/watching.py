"""The process that watches: starts the one that explores, sees it crash or hang, and keeps the input that did it."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fuzzing.exploring import Explorer, Finding, MemoryPassedError
from fuzzing.slip import Slip
from fuzzing.target import Target

SLIP_BYTES_MAX: Final = 1024 * 1024
STILL_S_MAX: Final = 120.0
"""One input may wait so long without using a processor. The limit on its time on a processor is the target's."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be explored, and for how long.

    Attributes:
        targets: name -> what makes the target, in the process that explores.
        slice_s: one target after the other is explored for so long, round after round.
        total_s: time for everything together.
        kept: folder for the inputs that went new ways, one folder in it for each target; `None` keeps none.
    """

    targets: Mapping[str, Callable[[], Target]]
    total_s: float
    slice_s: float
    seed: int = 0
    kept: Path | None = None


@dataclass(slots=True)
class Tally:
    """What was done so far. Executions are summed over all processes of the campaign."""

    findings: list[Finding] = field(default_factory=list)
    executions: dict[str, int] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one slice did."""

    target: str
    executions: int
    reach: str


Message = Finding | Progress


def watch(campaign: Campaign, tell: Callable[[Message], None]) -> Tally:
    """Explore until the time is over; a process that crashed or hung is followed by another one."""
    tally, end = Tally(), time.monotonic() + campaign.total_s
    turn = 0
    while (left := end - time.monotonic()) > 0:
        with TemporaryDirectory(prefix="oss-faces-fuzzing-") as folder:
            for message in _one_process(campaign, turn, left, Path(folder) / "slip"):
                if isinstance(message, Finding):
                    tally.findings.append(message)
                else:
                    tally.executions[message.target] = tally.executions.get(message.target, 0) + message.executions
                    tally.reach[message.target] = message.reach
                tell(message)
        turn += 1
    return tally


def _one_process(campaign: Campaign, turn: int, seconds: float, file: Path) -> Iterator[Message]:
    """Run one exploring process to its end, and give what it says; the last may be what its end says."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    with Slip(file, SLIP_BYTES_MAX) as slip, receiving:
        process = context.Process(target=_explore, args=(campaign, turn, seconds, file, sending))
        process.start()
        sending.close()
        try:
            is_still = yield from _listen(receiving, slip)
            if is_still:
                process.kill()
            process.join(STILL_S_MAX)
            # Where it only lies still, its own end says nothing.
            if is_still or process.exitcode != 0:
                name, data = slip.read()
                kind, detail = _read_end(process.exitcode, is_still=is_still)
                yield Finding(name, kind, detail, data)
        finally:
            process.kill()
            process.join()
            process.close()


def _listen(receiving: Connection, slip: Slip) -> Generator[Message, None, bool]:
    """Give every message until the process ends; return whether it lies still."""
    count, moved = slip.count, time.monotonic()
    while True:
        try:
            if receiving.poll(1.0):
                yield receiving.recv()
                continue
        except EOFError:
            return False
        if slip.count != count:
            count, moved = slip.count, time.monotonic()
        elif time.monotonic() - moved > STILL_S_MAX:
            return True


def _read_end(exit_code: int | None, *, is_still: bool) -> tuple[str, str]:
    if is_still:
        return "hang", f"nothing for {STILL_S_MAX} s"
    if exit_code is not None and -exit_code == signal.SIGPROF:
        return "hang", "the time on a processor was over"
    name = signal.Signals(-exit_code).name if exit_code is not None and exit_code < 0 else f"status {exit_code}"
    return "crash", f"the process ended with {name}"


def _explore(campaign: Campaign, turn: int, seconds: float, file: Path, sending: Connection) -> None:
    """Explore in a process of its own, round after round."""
    end = time.monotonic() + seconds
    with Slip(file, SLIP_BYTES_MAX) as slip, sending:
        explorers: Mapping[str, Explorer] = {
            name: Explorer(make(), campaign.seed + turn, slip, campaign.kept and campaign.kept / name)
            for name, make in campaign.targets.items()
        }
        try:
            while True:
                for name, explorer in explorers.items():
                    before = explorer.executions
                    explorer.explore(max(0.0, min(campaign.slice_s, end - time.monotonic())), sending.send)
                    sending.send(Progress(name, explorer.executions - before, explorer.reach))
                # Not before the first round: making the targets may have taken all the time.
                if time.monotonic() >= end:
                    return
        except MemoryPassedError:
            return

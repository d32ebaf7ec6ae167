"""The two sides of most benchmarks: a real server, asked over HTTP, and the bare pipeline in processes of its own."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from benchmarks.client import ANSWER_S_MAX, Answered
from benchmarks.lines import Turn
from benchmarks.pictures import distinct
from benchmarks.process_tree import cpu_seconds
from benchmarks.program import Program
from benchmarks.running import Server, ask_faces, running_server

UNCACHED: Final[Mapping[str, str]] = {"OSS_FACES_CACHE__SIZE_BYTES_MAX": "0"}
"""Settings that keep a server from answering out of its memory what it was asked before."""
COPIES: Final = 16
"""Files of the same picture that are asked for in turn, each with an ETag of its own."""
_UNLIMITED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that both sides have.

    Attributes:
        file: for the bare pipeline.
        plan: requests for its faces, one for each copy in the server.
        faces: how many it shows.
    """

    file: Path
    plan: Path
    faces: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """What came of one turn of one side.

    Attributes:
        done: pictures that were answered.
        refused: those that a server refused because it had too much to do.
        per_second: of them.
        cpu_s: processor time of this side for each of them.
        seconds: wall time of each, refused ones too.
    """

    done: int
    refused: int
    per_second: float
    cpu_s: float
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides, running.

    Attributes:
        server: with all its processes.
        client: what asks it.
        bare: one process with one thread for each processor.
    """

    server: Server
    client: Program
    bare: tuple[Program, ...]

    def keep(self, name: str, jpeg: bytes, faces: int, copies: int = COPIES) -> Kept:
        """Give a picture to both sides, and make sure that both find its faces. This warms them up, too."""
        kept = Kept(self.server.folder / f"{name}.jpg", self.server.folder / f"{name}.json", faces)
        kept.file.write_bytes(jpeg)
        keys = [f"{name}/{number}.jpg" for number in range(copies)]
        for number, key in enumerate(keys):
            self.server.bucket.put_object(key, distinct(jpeg, number))
        self.sign(kept, keys)
        self.serve(kept, len(self.bare), 0.0)
        self.run_bare(kept, len(self.bare), 0.0)
        return kept

    def sign(self, kept: Kept, keys: list[str]) -> None:
        """Write the plan of requests for these objects anew: a signature holds for a quarter of an hour."""
        self.server.plan([ask_faces(key) for key in keys]).write(kept.plan)

    def serve(self, kept: Kept, connections: int, seconds: float) -> Throughput:
        """Ask the server for a while; every request must be answered, and well, or refused. Who is refused waits."""
        before = cpu_seconds(self.server.process.pid)
        # Without time each connection asks once.
        most = _UNLIMITED if seconds else connections
        answers, elapsed_s = ask(
            self.client,
            kept.plan,
            connections=connections,
            seconds=seconds or ANSWER_S_MAX,
            requests_max=most,
            honours_retry=True,
        )
        cpu_s = cpu_seconds(self.server.process.pid) - before
        refused = sum(one.refused for one in answers)
        done = sum((one.status, one.faces) == (HTTPStatus.OK, kept.faces) for one in answers)
        if not done or done + refused < len(answers):
            raise SystemExit(f"benchmarks: of {len(answers)} answers {done} are right and {refused} refusals")
        return Throughput(done, refused, done / elapsed_s, cpu_s / done, tuple(one.elapsed_s for one in answers))

    def run_bare(self, kept: Kept, processes: int, seconds: float, task: str = "records") -> Throughput:
        """Run the pipeline for a while in several processes at once."""
        return run_processes(self.bare[:processes], {"task": task, "file": str(kept.file)}, seconds, kept.faces)


@contextmanager
def running_sides(settings: Mapping[str, str] = UNCACHED) -> Iterator[Sides]:
    """Start both sides, and end them."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(settings=settings))
        client = stack.enter_context(Program.of_module("benchmarks.client"))
        bare = [stack.enter_context(Program.of_module("benchmarks.bare")) for _ in range(os.cpu_count() or 1)]
        yield Sides(server, client, tuple(bare))


def ask(client: Program, plan: Path, **wanted: Any) -> tuple[list[Answered], float]:
    """Let the client send a plan: what became of each request, and the seconds that all took.

    Args:
        wanted: see `benchmarks.client`.
    """
    told = client.ask({"plan": str(plan), **wanted}, wanted["seconds"] + 2 * ANSWER_S_MAX)
    return [Answered(**one) for one in told["answers"]], told["elapsed_s"]


def run_processes(
    programs: tuple[Program, ...], question: Mapping[str, Any], seconds: float, faces: int | None
) -> Throughput:
    """Ask several programs at once for the same, each for a `Turn`.

    Args:
        faces: how many each must find; `None` when that is its own affair.
    """
    started = time.perf_counter()
    for program in programs:
        program.send({**question, "seconds": seconds, "warm": faces is not None and not seconds})
    answers = [program.receive(seconds + 2 * ANSWER_S_MAX) for program in programs]
    elapsed_s = time.perf_counter() - started
    found = [answer.pop("faces", None) for answer in answers]
    if faces is not None and any(count not in (None, faces) for count in found):
        raise SystemExit(f"benchmarks: {found} faces were found, not {faces}")
    turns = [Turn(**answer) for answer in answers]
    done = sum(turn.done for turn in turns)
    every = tuple(seconds for turn in turns for seconds in turn.seconds)
    return Throughput(done, 0, done / elapsed_s, sum(turn.cpu_s for turn in turns) / done, every)

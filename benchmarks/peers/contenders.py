"""Who is measured, how it is started, and what came of starting it."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.program import ROOT, Program, ProgramFailedError

OURS: Final = "oss-faces"
# The same with the settings that docs/performance.md gives for speed.
OURS_FAST: Final = "oss-faces-fast"
# One thread in each process, as far as a library can be told so.
ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that finds faces.

    Attributes:
        name: under which it stands in the report.
        command: starts its program.
        environment: variables for it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A contender with one process for each processor.

    Attributes:
        version: what it says of itself.
    """

    name: str
    version: str
    programs: tuple[Program, ...]


def contenders(environments: Path) -> tuple[Contender, ...]:
    """List them, ours first.

    Args:
        environments: folder with one installed environment for each, as `make bench-peers` sets it up.
    """
    folder = environments.absolute()

    def of_python(name: str, environment: str, *arguments: str) -> Contender:
        variables = {**ONE_THREAD, "DEEPFACE_HOME": str(folder / environment), "TF_CPP_MIN_LOG_LEVEL": "3"}
        return Contender(name, [str(folder / environment / "bin" / "python"), "-m", *arguments], variables)

    driver = ROOT / "benchmarks" / "peers" / "human" / "driver.js"
    return (
        Contender(OURS, [sys.executable, "-m", "benchmarks.peers.ours"]),
        Contender(OURS_FAST, [sys.executable, "-m", "benchmarks.peers.ours", "fast"]),
        Contender("human", ["node", str(driver), str(folder / "human")]),
        of_python("mediapipe", "mediapipe", "benchmarks.peers.mediapipe_peer"),
        of_python("face_recognition", "dlib", "benchmarks.peers.dlib_peer"),
        of_python("opencv-haar", "opencv", "benchmarks.peers.opencv"),
        of_python("deepface-mtcnn", "deepface", "benchmarks.peers.deepface_peer", "mtcnn"),
    )


@contextmanager
def running(
    wanted: Sequence[Contender], processes: int | None = None
) -> Iterator[tuple[list[Running], dict[str, str]]]:
    """Start everyone, and end everyone: those that run, and for the others what went wrong."""
    started: list[Running] = []
    troubles: dict[str, str] = {}
    with ExitStack() as stack:
        for contender in wanted:
            try:
                programs = [
                    stack.enter_context(Program(contender.command, contender.environment))
                    for _ in range(processes or os.cpu_count() or 1)
                ]
            except (ProgramFailedError, OSError) as exc:
                troubles[contender.name] = str(exc)
            else:
                started.append(Running(contender.name, str(programs[0].greeting["version"]), tuple(programs)))
        yield started, troubles

"""What is fuzzed: a name, files to begin with, and a function that must answer or refuse."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOUND: Final = Path(__file__).parents[1] / "tests" / "fuzz_corpus"
"""Inputs that once did harm, one folder for each target. Every run begins with them, and a test replays them."""

TRACED: Final = ("/oss_faces/", "/PIL/", "/pillow_heif/", "/tomllib/", "/uvicorn/protocols/")
"""Parts of paths of files whose lines are followed: ours, and those that read bytes in Python for us."""

_NUMBERS: Final = re.compile(r"[0-9]+|0x[0-9a-f]+|b?'[^']*'")


@dataclass(frozen=True, slots=True)
class Target:
    """One parser or decoder.

    Attributes:
        run: reads the bytes; returns a short text that says what was found, so that another answer is something new.
        refusals: the errors by which it may refuse them. Any other exception is a finding.
        seeds: inputs to begin with; at least one.
        tokens: pieces that mean something in its language.
        repair: makes a changed input consistent again (checksums), so that the change gets past the first check.
        size_bytes_max: longest input.
        cpu_s_max: longest time on a processor for one input.
        traced: parts of paths of files in which a new way through the code counts.
    """

    name: str
    run: Callable[[bytes], str]
    refusals: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...] = ()
    repair: Callable[[bytes], bytes] | None = None
    size_bytes_max: int = 64 * 1024
    cpu_s_max: float = 10.0
    traced: tuple[str, ...] = TRACED

    def outcome(self, data: bytes) -> str:
        """Run, and tell in a few words what came of it.

        Raises:
            Exception: anything that is neither an answer nor a refusal.
        """
        try:
            return self.run(data)
        except self.refusals as refusal:
            reason = getattr(refusal, "context", {}).get("reason", refusal)
            return _NUMBERS.sub("", f"{type(refusal).__name__} {reason}")[:200]


def found_inputs(name: str) -> tuple[bytes, ...]:
    """Read the kept findings of a target."""
    folder = FOUND / name
    return tuple(file.read_bytes() for file in sorted(folder.iterdir())) if folder.is_dir() else ()

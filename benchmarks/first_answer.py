"""A program that opens an index of vectors, searches it once, and says what that took: `first_answer FOLDER`."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.gallery import DIMENSIONS, SPACE
from oss_faces.inference import IntegerProducts
from oss_faces.vectors import FileVectorIndexes, VectorSettings


@dataclass(frozen=True, slots=True)
class Facts:
    """What a start took.

    Attributes:
        first_answer_s: from the start of the process to the answer, all imports included.
        processor_s: of that, what this process worked; the rest is waiting for the disk and for other programs.
        opening_s: for opening the index alone.
        private_bytes, mapped_bytes: memory after the answer, of the process itself and of mapped files; the latter is
            the system's to take back.
    """

    first_answer_s: float
    processor_s: float
    opening_s: float
    private_bytes: int
    mapped_bytes: int

    @staticmethod
    def read(text: str, begin: float) -> "Facts":
        """Read what the program wrote; its moments are those of the monotonic clock, which processes share."""
        told = json.loads(text)
        told["first_answer_s"] -= begin
        return Facts(**told)


def main() -> None:
    """Search for one vector that points anywhere."""
    begin = time.monotonic()
    index = FileVectorIndexes(Path(sys.argv[1]), VectorSettings(), IntegerProducts()).open(
        "benchmark", SPACE, DIMENSIONS
    )
    opening_s = time.monotonic() - begin
    probe = np.full((1, DIMENSIONS), DIMENSIONS**-0.5, np.float32)
    matches = index.search(probe, 10)
    assert (matches.numbers >= 0).all(), "an answer of nobody is none"
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    private, mapped = (int(status[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile"))
    print(json.dumps(asdict(Facts(time.monotonic(), time.process_time(), opening_s, private, mapped))))


if __name__ == "__main__":
    main()

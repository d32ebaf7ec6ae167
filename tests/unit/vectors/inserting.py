"""A program that inserts many vectors where an earlier one ended, and searches them meanwhile.

`inserting.py FOLDER [CHANGES]`: after so many changes it kills itself while it goes on with the next. It prints the
mark after each change. A wrong answer ends it with status 1.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Changes, VectorIndex
from tests.unit.vectors.applying import DIMENSIONS, open_index

COUNT = 100_000
STEP = 2000


def vectors() -> FloatArray:
    made = np.random.default_rng(21).standard_normal((COUNT, DIMENSIONS), dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def search_for_ever(index: VectorIndex, kept: FloatArray) -> None:
    """Look for one that was there before the search: it must be found, at distance 0."""
    random = np.random.default_rng()
    while True:
        known = len(index)
        if known:
            number = int(random.integers(known))
            matches = index.search(kept[number : number + 1], 1)
            if matches.numbers[0, 0] != number or matches.distances[0, 0] != 0:
                os._exit(1)


def main() -> None:
    kept = vectors()
    _, index = open_index(Path(sys.argv[1]))
    threading.Thread(target=search_for_ever, args=(index, kept), daemon=True).start()
    changes_before_kill = int(sys.argv[2]) if len(sys.argv) > 2 else None
    for change, begin in enumerate(range(index.mark, COUNT, STEP)):
        if change == changes_before_kill:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGKILL)).start()
        numbers = np.arange(begin, begin + STEP)
        index.apply(Changes(begin + STEP, numbers, kept[numbers], np.empty(0, np.int64)))
        sys.stdout.write(f"{begin + STEP}\n")
        sys.stdout.flush()
    os._exit(0)  # the other thread is never done


if __name__ == "__main__":
    main()

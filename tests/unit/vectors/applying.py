"""A program that follows a made-up face database for as long as it lives: `applying.py FOLDER FROM TO`.

Step `n` adds the numbers 3n, 3n + 1 and 3n + 2, and from the tenth step on removes what is left of step n - 10 but its
first number; every twentieth step compacts. After each step its mark is printed.
"""

import sys
from pathlib import Path

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.vectors import Changes, FileVectorIndexes, VectorIndex, VectorSettings

DIMENSIONS = 128
SETTINGS = VectorSettings(codes_rows_min=0, block_scores=4096)


def vector(number: int) -> FloatArray:
    made = np.random.default_rng(number).standard_normal(DIMENSIONS)
    return np.asarray(made / np.linalg.norm(made), np.float32)


def step(number: int) -> Changes:
    """Give the change of a step; its mark is that of the step."""
    added = np.arange(3 * number, 3 * number + 3)
    removed = np.arange(3 * (number - 10) + 1, 3 * (number - 10) + 3) if number >= 10 else np.empty(0)
    return Changes(number, added, np.stack([vector(each) for each in added.tolist()]), removed.astype(np.int64))


def living(mark: int) -> set[int]:
    """Tell which numbers there are after a step."""
    return {number for number in range(3, 3 * mark + 3) if number % 3 == 0 or number // 3 > mark - 10}


def open_index(folder: Path) -> tuple[FileVectorIndexes, VectorIndex]:
    indexes = FileVectorIndexes(folder, SETTINGS)
    return indexes, indexes.open("d", "s@1", DIMENSIONS)


def main() -> None:
    folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    _, index = open_index(folder)
    for number in range(first, last):
        index.apply(step(number))
        if number % 20 == 19:
            index.compact()
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

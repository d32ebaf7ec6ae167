"""Where the time of one picture goes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import WARM_UP_ROUNDS, median_row
from evaluation.rows import Row
from oss_faces.pipeline import FacePipeline

ROUNDS: Final = 11


def measure(pipeline: FacePipeline) -> Iterator[Row]:
    """Give the part of each stage in the processor time of a picture with one face."""
    timed = replace(pipeline, clock=time.process_time)
    for name, size in SIZES.items():
        content = portrait_jpeg(size)
        results = [timed.find_faces(content) for _ in range(WARM_UP_ROUNDS + ROUNDS)][WARM_UP_ROUNDS:]
        if len(results[0].faces) != 1:
            raise SystemExit(f"benchmarks: {len(results[0].faces)} faces in the portrait, expected one")
        totals = [sum(result.stage_ms.values()) for result in results]
        for stage in results[0].stage_ms:
            shares = [result.stage_ms[stage] / total for result, total in zip(results, totals, strict=True)]
            yield median_row("pipeline", f"portrait_{name}", f"share_{stage}", shares, "fraction")
        yield median_row("pipeline", f"portrait_{name}", "processor_ms", totals, "ms")

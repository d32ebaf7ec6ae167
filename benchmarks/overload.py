"""Many more clients than a server has places for: how soon they are refused, and how long the others wait."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final

from benchmarks.against_bare import UNCACHED, ask, running_sides
from benchmarks.client import Answered
from benchmarks.pictures import SIZES, portrait_jpeg
from benchmarks.sides import median_row
from evaluation.rows import Row, mean_row, quantile_row

CLIENTS: Final = 64
WAITING: Final = 8
PICTURE: Final = "2mp"
REQUESTS_MAX: Final = 100_000
SOON_MS: Final = 50.0
"""Within this time a refusal is aimed to be answered."""


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Ask from all clients at once, each again after an answer and, when it was refused, when it was told to."""
    seconds = 5.0 if quick else 30.0
    settings = {**UNCACHED, "OSS_FACES_WORKERS__WAITING": str(WAITING)}
    with running_sides(settings) as sides:
        kept = sides.keep(f"portrait_{PICTURE}", portrait_jpeg(SIZES[PICTURE]), 1)
        answers, _ = ask(
            sides.client,
            kept.plan,
            connections=CLIENTS,
            seconds=seconds,
            requests_max=REQUESTS_MAX,
            honours_retry=True,
        )
    yield from rows_of(answers)


def rows_of(answers: Sequence[Answered]) -> Iterator[Row]:
    """Make the rows: every request is answered, refused or lost. A 503 that tells of something else is lost, too.

    In the beginning all clients connect in the same moment; `..._kept` is about those who were connected already.
    """
    of = f"c{CLIENTS}_waiting{WAITING}"
    refused = [1000 * one.elapsed_s for one in answers if one.refused]
    kept = [1000 * one.elapsed_s for one in answers if one.refused and not one.connected]
    answered = [one.elapsed_s for one in answers if one.status == HTTPStatus.OK]
    lost = len(answers) - len(refused) - len(answered)
    yield mean_row("overload", of, "refused_share", [float(one.status != HTTPStatus.OK) for one in answers])
    yield Row("overload", of, "lost", lost, lost, lost, len(answers), "requests")
    if refused:
        yield mean_row("overload", of, f"refused_within_{SOON_MS:.0f}ms", [float(one <= SOON_MS) for one in refused])
        for metric, share in (("refused_p50", 0.5), ("refused_p99", 0.99), ("refused_longest", 1.0)):
            yield quantile_row("overload", of, metric, refused, (share, "ms"))
    if kept:
        yield mean_row("overload", of, f"refused_within_{SOON_MS:.0f}ms_kept", [float(one <= SOON_MS) for one in kept])
        yield quantile_row("overload", of, "refused_longest_kept", kept, (1.0, "ms"))
    if answered:
        yield median_row("overload", of, "answered_p50", answered, "s")
        yield quantile_row("overload", of, "answered_longest", answered, (1.0, "s"))

"""The side of a program that answers questions: one JSON object a line on stdin, one on stdout.

This module knows the standard library only, so that programs in environments of their own can use it.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Question: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of calling for a while.

    Attributes:
        done: calls that ended.
        elapsed_s: wall time from the first call to the end of the last.
        cpu_s: processor time of this process in it.
        seconds: wall time of each call.
    """

    done: int
    elapsed_s: float
    cpu_s: float
    seconds: list[float]


def answer_lines(greeting: Answer, answer: Callable[[Question], Answer]) -> None:
    """Say the greeting, then answer every line until there are no more. What else is printed goes to stderr."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        with contextlib.redirect_stdout(sys.stderr):
            _say(out, greeting)
            for line in sys.stdin:
                _say(out, answer(json.loads(line)))


def call_for(work: Callable[[], object], seconds: float, calls_max: int = 1_000_000) -> Turn:
    """Call again and again until the time is up; at least once."""
    each: list[float] = []
    cpu_started, started = time.process_time(), time.perf_counter()
    before = started
    while not each or (before - started < seconds and len(each) < calls_max):
        work()
        now = time.perf_counter()
        each.append(now - before)
        before = now
    return Turn(len(each), before - started, time.process_time() - cpu_started, each)


def _say(out: Any, message: Answer) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()

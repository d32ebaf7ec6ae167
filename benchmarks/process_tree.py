"""What a process and all that it started use. Source: proc(5)."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PROCESSES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a process tree in bytes.

    Attributes:
        resident: what each has in memory, added up: shared pages count for each that shares them.
        proportional: the same with shared pages divided among those that share them, so that the sum is true.
        private: pages that nobody shares.
        processes: how many there are.
    """

    resident: int
    proportional: int
    private: int
    processes: int


def process_tree(root: int) -> list[int]:
    """The process and all its descendants."""
    found = [root]
    for process_id in found:
        found.extend(_children(process_id))
        assert len(found) <= _PROCESSES_MAX, "a server does not start so many processes"
    return found


def memory_of(root: int) -> Memory:
    """Measure the memory of a tree; processes that end meanwhile do not count."""
    rolled = [facts for process_id in process_tree(root) if (facts := _read_rollup(process_id))]
    return Memory(
        sum(facts["Rss"] for facts in rolled),
        sum(facts["Pss"] for facts in rolled),
        sum(facts["Private_Clean"] + facts["Private_Dirty"] for facts in rolled),
        len(rolled),
    )


def cpu_seconds(root: int) -> float:
    """Processor time of a tree, that of ended children whose parents took note of them included; to 10 ms each."""
    ticks = 0
    for process_id in process_tree(root):
        try:
            text = (_PROC / str(process_id) / "stat").read_text()
        except OSError:
            continue
        # utime, stime, cutime and cstime; the name before them may hold spaces and brackets.
        ticks += sum(int(count) for count in text.rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(process_id: int) -> list[int]:
    """Children of every thread of a process: each thread has a list of its own."""
    children: list[int] = []
    for path in (_PROC / str(process_id) / "task").glob("*/children"):
        try:
            children.extend(int(child) for child in path.read_text().split())
        except OSError:
            continue
    return children


def _read_rollup(process_id: int) -> dict[str, int]:
    try:
        lines = (_PROC / str(process_id) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    return {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}

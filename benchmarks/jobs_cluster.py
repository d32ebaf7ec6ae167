"""`python -m benchmarks.jobs_cluster PICTURES --out reports`: jobs on a Ray cluster of several nodes on one machine.

The nodes are real processes of Ray with logical processors, so what is measured is what Ray and the engine cost, and
what becomes of work when a node goes away; not the speed of machines that are not there.
"""

import argparse
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from benchmarks.counted_job import run_counted
from benchmarks.jobs import REPORT, count_row, keep, rows_of_job
from evaluation.rows import Row
from oss_faces.jobs import Engine, Item, Load, Loaded, LocalEngine, Look, Outcome, RayEngine, RaySettings

_WHAT: Final = "jobs"
_NODES: Final = (1, 2, 4, 8, 16, 32)
_STAGE_S: Final = 0.5
_PER_WORKER: Final = 40
_STORE_BYTES: Final = 120 << 20


def main() -> None:
    """Measure, say each figure as it comes, write the report and draw the scaling."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs_cluster", description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument("--only", choices=["nodes", "scaling"])
    parser.add_argument("--nodes-max", type=int, default=_NODES[-1])
    options = parser.parse_args()
    rows = []
    if options.only in (None, "nodes"):
        rows += [_said(row) for row in measure_lost_node(options.pictures)]
    if options.only in (None, "scaling"):
        scaling = [_said(row) for row in measure_scaling([n for n in _NODES if n <= options.nodes_max])]
        _draw(scaling, options.out / "bench_jobs.png")
        rows += scaling
    keep(options.out / REPORT, rows)


def _said(row: Row) -> Row:
    print(f"{row.set:10} {row.metric:28} {row.value:9.3f} {row.unit}", flush=True)
    return row


# --- a node goes away --------------------------------------------------------------------------------------------


def measure_lost_node(pictures: Path) -> Iterator[Row]:
    """Run a job on three nodes of one processor each, take one away, and compare with the local engine's rows."""
    with tempfile.TemporaryDirectory() as folder, _cluster(1) as cluster:
        alone, spread = Path(folder, "alone"), Path(folder, "spread")
        nodes = [cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES) for _ in range(2)]
        first = run_counted(pictures, alone, alone.with_suffix(".log"), LocalEngine())
        engine = _Removing(RayEngine(RaySettings()), lambda: cluster.remove_node(nodes[0]), first.pictures // 3)
        run_counted(pictures, spread, spread.with_suffix(".log"), engine)
        looks = Counter(spread.with_suffix(".log").read_text().split("\n")[:-1])
        ours, others = rows_of_job(spread), rows_of_job(alone)
        yield count_row("lost_node", "pictures", first.pictures)
        yield count_row("lost_node", "rows", len(others))
        yield count_row("lost_node", "rows_that_differ", len(set(ours) ^ set(others)) + abs(len(ours) - len(others)))
        yield count_row("lost_node", "looked_at_twice", looks.total() - len(looks))


@dataclass(frozen=True, slots=True)
class _Removing:
    """An engine that loses a node after some outcomes."""

    engine: Engine
    remove: Any
    after: int

    def run(self, stages: Any, items: Any) -> Any:
        """See `Engine.run`."""
        for number, outcome in enumerate(self.engine.run(stages, items)):
            if number == self.after:
                self.remove()
            yield outcome


# --- more nodes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SleepingStages:
    """Stages whose look takes a fixed time and no processor."""

    stage_s: float

    @contextmanager
    def open_loader(self) -> Iterator[Load]:
        """See `Stages.open_loader`."""
        yield Loaded

    @contextmanager
    def open_looker(self) -> Iterator[Look]:
        """See `Stages.open_looker`."""
        yield self._look

    def _look(self, loaded: Loaded) -> Outcome:
        time.sleep(self.stage_s)
        return Outcome(loaded.item)


def measure_scaling(counts: list[int]) -> Iterator[Row]:
    """Do the same work for each worker on more and more nodes; from the second round's first outcome to its last."""
    base = 0.0
    for count in counts:
        with _cluster(1) as cluster:
            for _ in range(count - 1):
                cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES)
            rate = _rate(count)
        base = base or rate
        yield Row(_WHAT, "scaling", f"nodes_{count:02d}_rate", rate, rate, rate, 1, "1/s")
        efficiency = rate / base / count * counts[0]
        yield Row(_WHAT, "scaling", f"nodes_{count:02d}_efficiency", efficiency, efficiency, efficiency, 1, "ratio")


def _rate(workers: int) -> float:
    """Pictures a second, between the outcomes at a quarter and at three quarters of the work."""
    total = _PER_WORKER * workers
    items = [Item(f"picture-{number}", "e", 1) for number in range(total)]
    engine = RayEngine(RaySettings(workers=workers, block_pictures=1))
    moments = [time.monotonic() for _ in engine.run(SleepingStages(_STAGE_S), items)]
    quarter = total // 4
    return 2 * quarter / (moments[3 * quarter - 1] - moments[quarter - 1])


@contextmanager
def _cluster(cpus: int) -> Iterator[Any]:
    """Give a cluster of one node, to which this process is connected."""
    RayEngine(RaySettings())
    import ray  # noqa: PLC0415  behind the engine, which keeps it quiet
    from ray.cluster_utils import Cluster  # noqa: PLC0415  the same

    head = {"num_cpus": cpus, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
    cluster: Any = Cluster(initialize_head=True, head_node_args=head)
    ray.init(cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def _draw(rows: list[Row], target: Path) -> None:
    points = [(int(row.metric.split("_")[1]), row.value) for row in rows if row.metric.endswith("_rate")]
    counts, rates = zip(*points, strict=True)
    figure = Figure((6.0, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(counts, rates, "o-", label="measured")
    axes.plot(counts, [count / _STAGE_S for count in counts], "--", color="grey", label=f"{_STAGE_S:g} s a picture")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xlabel("logical nodes with one worker each")
    axes.set_ylabel("pictures a second")
    axes.legend()
    figure.savefig(target, dpi=120)


if __name__ == "__main__":
    main()

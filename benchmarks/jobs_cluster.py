"""`python -m benchmarks.jobs_cluster --out reports`: jobs on a Ray cluster of several nodes on one machine.

The nodes are real processes of Ray with logical processors, so what is measured is what Ray and the engine cost, and
what becomes of work when a node goes away; not the speed of machines that are not there.
"""

import argparse
import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from benchmarks.counted_job import CountedStages, SleepingStages
from benchmarks.jobs import REPORT, count_row, keep
from evaluation.rows import Row
from oss_faces.bulk import FaceStages, read_source
from oss_faces.config import read_settings
from oss_faces.jobs import Item, LocalEngine, Outcome, RayEngine, RaySettings

_WHAT: Final = "jobs"
_NODES: Final = (1, 2, 4, 8, 16, 32)
_STAGE_S: Final = 0.25
_LOST_NODE_STAGE_S: Final = 0.2
_LOST_NODE_PICTURES: Final = 240
_PER_WORKER: Final = 80
# Pictures that are alone wait at each turn for the driver: that is for those that end actors, and not the usual way.
_BLOCK_PICTURES: Final = 4
_STORE_BYTES: Final = 120 << 20


def main() -> None:
    """Measure, say each figure as it comes, write the report and draw the scaling."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs_cluster", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument("--only", choices=["nodes", "scaling", "pictures"])
    parser.add_argument("--pictures", type=Path, help="folder of pictures, for real networks on the cluster")
    parser.add_argument("--nodes-max", type=int, default=_NODES[-1])
    options = parser.parse_args()
    rows = []
    if options.only in (None, "pictures") and options.pictures is not None:
        rows += [_said(row) for row in measure_pictures(options.pictures)]
    if options.only in (None, "nodes"):
        rows += [_said(row) for row in measure_lost_node(_LOST_NODE_PICTURES)]
    if options.only in (None, "scaling"):
        scaling = [_said(row) for row in measure_scaling([n for n in _NODES if n <= options.nodes_max])]
        _draw(scaling, options.out / "bench_jobs.png")
        rows += scaling
    keep(options.out / REPORT, rows)


def _said(row: Row) -> Row:
    print(f"{row.set:10} {row.metric:28} {row.value:9.3f} {row.unit}", flush=True)
    return row


# --- a node goes away --------------------------------------------------------------------------------------------


def measure_lost_node(count: int) -> Iterator[Row]:
    """Run stand-in stages on three nodes of one processor each, and take one away in the middle."""
    with tempfile.TemporaryDirectory() as folder, _cluster(1) as cluster:
        nodes = [cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES) for _ in range(2)]
        log = Path(folder, "log")
        stages = SleepingStages(_LOST_NODE_STAGE_S, log)
        items = [Item(f"picture-{number}", "e", 1) for number in range(count)]
        engine = RayEngine(RaySettings(block_pictures=_BLOCK_PICTURES))
        outcomes = []
        for outcome in engine.run(stages, items):
            outcomes.append(outcome)
            if len(outcomes) == count // 3:
                cluster.remove_node(nodes[0])
        looks = Counter(log.read_text().split("\n")[:-1])
        expected = {item.key: Outcome(item) for item in items}
        found = {outcome.item.key: outcome for outcome in outcomes}
        yield count_row("lost_node", "pictures", count)
        yield count_row("lost_node", "outcomes", len(outcomes))
        yield count_row(
            "lost_node", "outcomes_that_differ", sum(found.get(key) != one for key, one in expected.items())
        )
        yield count_row("lost_node", "looked_at_twice", looks.total() - len(looks))


def measure_pictures(pictures: Path) -> Iterator[Row]:
    """Take the pictures through the real networks on three nodes, one of which goes away, and on this machine alone."""
    stages = FaceStages(read_settings(None, os.environ, {}), read_source(str(pictures)), "faces")
    items = list(stages.list_items())
    expected = {outcome.item.key: outcome.to_json() for outcome in LocalEngine().run(stages, items)}
    with tempfile.TemporaryDirectory() as folder, _cluster(1) as cluster:
        nodes = [cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES) for _ in range(2)]
        log = Path(folder, "log")
        found = {}
        for outcome in RayEngine(RaySettings(block_pictures=_BLOCK_PICTURES)).run(CountedStages(stages, log), items):
            found[outcome.item.key] = outcome.to_json()
            if len(found) == len(items) // 3:
                cluster.remove_node(nodes[0])
        looks = Counter(log.read_text().split("\n")[:-1])
        yield count_row("lost_node_pictures", "pictures", len(items))
        yield count_row("lost_node_pictures", "outcomes", len(found))
        differ = sum(found.get(key) != one for key, one in expected.items())
        yield count_row("lost_node_pictures", "outcomes_that_differ", differ)
        yield count_row("lost_node_pictures", "looked_at_twice", looks.total() - len(looks))


# --- more nodes --------------------------------------------------------------------------------------------------


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
    engine = RayEngine(RaySettings(workers=workers, block_pictures=_BLOCK_PICTURES))
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

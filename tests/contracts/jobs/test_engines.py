"""What every engine of jobs does, with stages that need no model."""

from pathlib import Path

import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.jobs import Engine, Item, LocalEngine, RayEngine, RaySettings, SerialEngine
from tests.job_stages import CountingStages, items

# Processes are started, and on a busy machine that takes its time.
pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore::ResourceWarning")]


def test_nothing_to_do(engine: Engine, tmp_path: Path) -> None:
    """No items are no outcomes."""
    assert list(engine.run(CountingStages(tmp_path / "log"), [])) == []


def test_each_item_has_one_outcome(engine: Engine, tmp_path: Path) -> None:
    """Every item comes out once, with what the stages say of it, as from the simplest engine."""
    stages = CountingStages(tmp_path / "log")
    expected = list(SerialEngine().run(CountingStages(tmp_path / "other"), items(50)))
    outcomes = sorted(engine.run(stages, items(50)), key=lambda outcome: outcome.item.key)
    assert outcomes == expected
    assert sorted(stages.looked_at()) == [item.key for item in items(50)]


def test_bad_pictures_fail_alone(engine: Engine, tmp_path: Path) -> None:
    """Errors, foreseen or not, are outcomes of their own pictures; only a bad picture is not tried again later."""
    bad = [Item(name, "1a", 1) for name in ("broken", "away", "odd")]
    outcomes = {out.item.key: out for out in engine.run(CountingStages(tmp_path / "log"), [*bad, *items(5)])}
    failures = {key: out.failure for key, out in outcomes.items() if out.failure}
    assert {key: (failure.name, failure.is_final) for key, failure in failures.items()} == {
        "broken": ("CorruptImage", True),
        "away": ("StorageUnavailable", False),
        "odd": ("ZeroDivisionError", False),
    }
    assert len(outcomes) == 8


def test_few_items_are_taken_ahead(engine: Engine, tmp_path: Path) -> None:
    """Of a source without end only a bounded number is taken, and closing the outcomes ends the work."""
    taken = 0

    def endless():
        nonlocal taken
        while taken < 100_000:
            taken += 1
            yield Item(f"picture-{taken}", "0a", 1)

    outcomes = engine.run(CountingStages(tmp_path / "log"), endless())
    for _ in range(3):
        next(outcomes)
    outcomes.close()
    assert taken < 5_000


class _Shut(CountingStages):
    def open_looker(self):
        raise ConfigurationError("shut")


def test_stages_that_cannot_be_opened_end_the_run(engine: Engine, tmp_path: Path) -> None:
    """What is wrong for every picture is no outcome of one."""
    with pytest.raises(ConfigurationError, match="shut"):
        list(engine.run(_Shut(tmp_path / "log"), items(3)))


def test_work_of_a_lost_process_is_done_again(tmp_path: Path) -> None:
    """A process that is killed takes nothing with it: its picture is done by the next one."""
    killer = tmp_path / "once"
    killer.touch()
    stages = CountingStages(tmp_path / "log", killer)
    outcomes = list(LocalEngine(2).run(stages, [Item("fatal", "1a", 1), *items(10)]))
    assert all(outcome.failure is None for outcome in outcomes)
    assert sorted(stages.looked_at()) == sorted(["fatal", *(item.key for item in items(10))])


def test_a_picture_that_kills_is_given_up(tmp_path: Path) -> None:
    """A picture that takes its process with it again and again fails by itself, and the others are done."""
    killer = tmp_path / "always"
    killer.touch()
    outcomes = list(LocalEngine(1).run(CountingStages(tmp_path / "log", killer), [Item("fatal", "1a", 1), *items(2)]))
    assert {out.item.key: out.failure.name for out in outcomes if out.failure} == {"fatal": "WorkerLost"}
    assert len(outcomes) == 3


@pytest.mark.usefixtures("cluster")
def test_ray_gives_a_picture_up_that_kills(tmp_path: Path) -> None:
    """The same on Ray, where the pictures of its block are done although they were lost with it."""
    killer = tmp_path / "always"
    killer.touch()
    stages = CountingStages(tmp_path / "log", killer)
    engine = RayEngine(RaySettings(workers=1, block_pictures=4))
    outcomes = list(engine.run(stages, [Item("fatal", "1a", 1), *items(6)]))
    assert {out.item.key: out.failure.name for out in outcomes if out.failure} == {"fatal": "WorkerLost"}
    assert len(outcomes) == 7


@pytest.mark.usefixtures("cluster")
def test_ray_reports_to_nobody() -> None:
    """The statistics that Ray sends to its makers are off where the engine imports it."""
    from ray._common.usage import usage_lib  # noqa: PLC0415  behind the engine

    assert not usage_lib.usage_stats_enabled()

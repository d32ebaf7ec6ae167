import fcntl
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from oss_faces.errors import ConfigurationError, StorageUnavailable
from oss_faces.jobs import (
    Engine,
    Item,
    JobRunner,
    JobSpec,
    ListingIncomplete,
    Outcome,
    Parts,
    Recipe,
    ResultsFolder,
    SerialEngine,
    Stages,
    Tally,
    Watch,
    columns_of,
    status_of,
)
from oss_faces.jobs.runner import ENDING_S_MAX
from tests.job_stages import CountingStages, items

RECIPE = Recipe("faces", ("m@1",))


class Job:
    """One job over a list of items that a test may change between runs."""

    def __init__(self, folder: Path, listed: Iterable[Item], part_pictures: int = 10) -> None:
        self.listed = list(listed)
        self.folder = ResultsFolder(folder / "results")
        self.folder.create(JobSpec("/pictures", "faces", "2026-01-01"))
        self.stages = CountingStages(folder / "log")
        self.part_pictures = part_pictures
        self.parts = Parts(self.folder.parts, columns_of("faces"))
        self.monotonic: Callable[[], float] = time.monotonic

    def run(
        self,
        is_stopped: Callable[[], bool] = lambda: False,
        observe: Callable[[Tally], None] = lambda _: None,
        recipe: Recipe = RECIPE,
        engine: Engine | None = None,
    ) -> Tally:
        watch = Watch(observe, is_stopped, self.monotonic, lambda: datetime.now(UTC))
        engine = engine or SerialEngine()
        runner = JobRunner(self.folder, recipe, lambda: self.listed, self.stages, engine, self.part_pictures)
        return runner.run(watch)

    def rows(self) -> list[dict]:
        return sorted(self.parts.rows(), key=lambda row: (row["Key"], row["FaceIndex"] or 0))


class Incomplete(list[Item]):
    """A listing that had to leave something out."""

    def __iter__(self) -> Iterator[Item]:
        yield from super().__iter__()
        raise ListingIncomplete


class Killed(BaseException):
    """Stands for the end of the process: nothing behind it is done."""


def test_empty_source(tmp_path: Path) -> None:
    """A source without pictures is done at once, with no part."""
    job = Job(tmp_path, [])
    assert job.run() == Tally()
    assert job.parts.paths() == []
    assert status_of(job.folder) == "finished"


def test_rows(tmp_path: Path) -> None:
    """There is a row for each face, and one for a picture without a face or with an error."""
    job = Job(tmp_path, [Item("a", "2x", 7), Item("b", "0x", 8), Item("broken", "1x", 9)])
    tally = job.run()
    rows = [(row["Key"], row["FaceCount"], row["FaceIndex"], row["FigureId"], row["ErrorName"]) for row in job.rows()]
    assert rows == [
        ("a", 2, 0, "a-0", None),
        ("a", 2, 1, "a-1", None),
        ("b", 0, None, None, None),
        ("broken", None, None, None, "CorruptImage"),
    ]
    assert (tally.done, tally.failed, tally.faces, tally.image_detect, tally.source_bytes) == (3, 1, 2, 2, 24)


def test_second_run_does_nothing(tmp_path: Path) -> None:
    """A picture that is done is not looked at again, a bad one included."""
    job = Job(tmp_path, [*items(30), Item("broken", "1x", 9)])
    job.run()
    before = job.rows()
    tally = job.run()
    assert (tally.known, tally.done, tally.removed_rows) == (31, 0, 0)
    assert len(job.stages.looked_at()) == 30
    assert job.rows() == before


def test_only_what_changed_is_done(tmp_path: Path) -> None:
    """Of 10,000 pictures the one that has changed is looked at, and its old rows are gone."""
    job = Job(tmp_path, items(10_000), part_pictures=1_000)
    job.run()
    job.listed[5_000] = Item("picture-05000", "1new", 7)
    tally = job.run()
    assert job.stages.looked_at()[10_000:] == ["picture-05000"]
    assert (tally.known, tally.done, tally.removed_rows) == (9_999, 1, 2)
    assert [row["ETag"] for row in job.rows() if row["Key"] == "picture-05000"] == ["1new"]


def test_what_is_gone_is_removed(tmp_path: Path) -> None:
    """Rows of a picture that the source does not have any more are removed when the run ends."""
    job = Job(tmp_path, items(5))
    job.run()
    gone = job.listed.pop(1)
    job.run()
    assert gone.key not in {row["Key"] for row in job.rows()}
    assert len({row["Key"] for row in job.rows()}) == 4


def test_what_could_not_be_listed_is_not_gone(tmp_path: Path) -> None:
    """When some of the source was closed, rows go only of pictures that were seen to have changed."""
    job = Job(tmp_path, [Item("changed", "1old", 7), Item("closed", "1x", 7), Item("same", "1x", 7)])
    assert job.run().listed_whole == 1
    job.listed = Incomplete([Item("changed", "2new", 7), Item("same", "1x", 7)])
    tally = job.run()
    assert (tally.listed_whole, tally.done, tally.removed_rows) == (0, 1, 1)
    kept = {(row["Key"], row["ETag"]) for row in job.rows()}
    assert kept == {("changed", "2new"), ("closed", "1x"), ("same", "1x")}
    job.listed = list(job.listed[:])
    assert job.run().removed_rows == 1
    assert {row["Key"] for row in job.rows()} == {"changed", "same"}


def test_an_empty_listing_removes_nothing(tmp_path: Path) -> None:
    """A source that was full and is empty now is taken for one that is not mounted."""
    job = Job(tmp_path, items(5))
    job.run()
    before = job.rows()
    job.listed = []
    with pytest.raises(ConfigurationError, match="is it mounted"):
        job.run()
    assert job.rows() == before


def test_a_listing_that_breaks_off_removes_nothing(tmp_path: Path) -> None:
    """When the source cannot be listed to its end, the results stay as they were."""
    job = Job(tmp_path, items(5))
    job.run()
    before = job.rows()

    class Breaking(list):
        def __iter__(self):
            yield items(1)[0]
            raise StorageUnavailable

    job.listed = Breaking()
    with pytest.raises(StorageUnavailable):
        job.run()
    assert job.rows() == before


def test_another_recipe_does_all_again(tmp_path: Path) -> None:
    """New models look at every picture, and the rows of the old ones are removed."""
    job = Job(tmp_path, items(5))
    job.run()
    newer = Recipe("faces", ("m@2",))
    assert job.run(recipe=newer).done == 5
    assert {row["Recipe"] for row in job.rows()} == {newer.name}


def test_transient_failures_are_tried_again(tmp_path: Path) -> None:
    """A picture that could not be read is tried by each run, and has one row."""
    job = Job(tmp_path, [Item("away", "1x", 9), *items(3)])
    for _ in range(3):
        assert job.run().failed == 1
    assert [row["ErrorName"] for row in job.rows() if row["Key"] == "away"] == ["StorageUnavailable"]


@pytest.mark.parametrize("after", [0, 1, 7, 10, 25])
def test_killed_and_resumed(tmp_path: Path, after: int) -> None:
    """Ended at any picture without a word, the next run goes on, and the rows are those of an undisturbed run."""
    undisturbed = Job(tmp_path / "a", items(30))
    undisturbed.run()
    job = Job(tmp_path / "b", items(30))

    def die(tally: Tally) -> None:
        if tally.done == after:
            raise Killed

    with pytest.raises(Killed):
        job.run(observe=die)
    job.run()
    assert job.rows() == undisturbed.rows()
    assert len(job.stages.looked_at()) == 30


def test_journal_of_a_killed_run(tmp_path: Path) -> None:
    """A journal left over becomes a part once; its torn last line and what is in a part already are left out."""
    job = Job(tmp_path, items(4), part_pictures=100)
    written = []

    def copy(tally: Tally) -> None:
        if tally.done == 3:
            written.append(job.folder.journal.read_text())

    job.run(observe=copy)
    before = job.rows()
    job.folder.journal.write_text(written[0] + '["torn')
    assert job.run().done == 0
    assert job.rows() == before


def test_stopped_in_order(tmp_path: Path) -> None:
    """A run that is told to stop keeps what it has done, and says that it was cancelled; the next one goes on."""
    job = Job(tmp_path, items(30))
    tally = job.run(is_stopped=lambda: len(job.stages.looked_at()) >= 12)
    assert (tally.done, tally.todo) == (12, 30)
    assert status_of(job.folder) == "cancelled"
    assert job.run().done == 18
    assert len(job.stages.looked_at()) == 30


class EagerEngine:
    """Takes all pictures at once, as Ray takes very many."""

    def run(self, stages: Stages, items: Iterable[Item]) -> Generator[Outcome]:
        return SerialEngine().run(stages, list(items))


def test_told_to_stop_with_much_in_work(tmp_path: Path) -> None:
    """An engine that has taken very many pictures is not waited for to its end; the next run does the others."""
    job = Job(tmp_path, items(300))
    ticks = count()
    job.monotonic = lambda: next(ticks)
    tally = job.run(is_stopped=lambda: len(job.stages.looked_at()) >= 3, engine=EagerEngine())
    assert 3 < tally.done < 3 + ENDING_S_MAX + 1
    assert status_of(job.folder) == "cancelled"
    assert job.run().done == 300 - tally.done
    assert len(job.rows()) == len({(row["Key"], row["FaceIndex"]) for row in job.rows()})


def test_full_disk(tmp_path: Path) -> None:
    """A disk that takes no more ends the run with its reason, and what was done before is done."""
    job = Job(tmp_path, items(5), part_pictures=2)

    def fill(tally: Tally) -> None:
        if tally.done == 1:
            job.folder.journal.unlink()
            job.folder.journal.symlink_to("/dev/full")

    with pytest.raises(ConfigurationError, match="No space left"):
        job.run(observe=fill)
    job.folder.journal.unlink()
    assert job.run().known == 2
    assert {row["Key"] for row in job.rows()} == {item.key for item in items(5)}


def test_full_disk_while_listing(tmp_path: Path) -> None:
    """A disk that is full before anything is done is told in the same way."""
    job = Job(tmp_path, items(5))
    job.folder.todo.symlink_to("/dev/full")
    with pytest.raises(ConfigurationError, match="No space left"):
        job.run()


def test_two_may_ask_at_once(tmp_path: Path) -> None:
    """Who asks whether a run is under way is taken for none by another who asks, and may do so without writing."""
    folder = Job(tmp_path, []).folder
    with folder.held():
        assert folder.is_held
    with (folder.path / "lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert not folder.is_held


def test_summary_of_a_run_that_was_killed_at_its_end(tmp_path: Path) -> None:
    """A summary that was written before the newest part is known to be an old one."""
    job = Job(tmp_path, items(5))
    assert not job.folder.is_summary_current
    job.run()
    job.folder.write_summary({})
    assert job.folder.is_summary_current
    job.listed += items(5, "later")
    job.run()
    assert not job.folder.is_summary_current


def test_cancelled_by_another_program(tmp_path: Path) -> None:
    """`cancel` ends the run that is under way, and not the next one."""
    job = Job(tmp_path, items(30))

    def cancel(tally: Tally) -> None:
        if tally.done == 5:
            assert status_of(job.folder) == "running"
            job.folder.cancel()

    assert job.run(observe=cancel).done < 30
    assert job.run().known + 0 < 30
    assert status_of(job.folder) == "finished"


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run of the same job is refused while one is under way."""
    job = Job(tmp_path, items(3))
    with job.folder.held(), pytest.raises(ConfigurationError, match="under way"):
        job.run()


def test_a_folder_belongs_to_one_job(tmp_path: Path) -> None:
    """Results of another source or operation are refused."""
    job = Job(tmp_path, [])
    with pytest.raises(ConfigurationError, match="another job"):
        job.folder.create(JobSpec("/elsewhere", "faces", "2026-01-01"))


def test_interrupted(tmp_path: Path) -> None:
    """A run that ended without a word is told apart from one that is under way."""
    job = Job(tmp_path, [])
    job.folder.write_state({"status": "running"})
    assert status_of(job.folder) == "interrupted"


def test_metrics(tmp_path: Path) -> None:
    """The counts lie where Prometheus finds them."""
    job = Job(tmp_path, items(5))
    job.run()
    text = job.folder.metrics.read_text()
    assert "oss_faces_job_image_detect 5.0" in text
    assert "oss_faces_job_faces 4.0" in text

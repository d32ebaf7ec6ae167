"""`python -m benchmarks.counted_job PICTURES RESULTS LOG`: one run of a job that writes down what it looks at."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from oss_faces.app import utc_now
from oss_faces.bulk import FaceStages, read_source, recipe_of
from oss_faces.config import read_settings
from oss_faces.jobs import (
    Engine,
    Item,
    JobRunner,
    JobSpec,
    Load,
    Loaded,
    LocalEngine,
    Look,
    Outcome,
    Recipe,
    ResultsFolder,
    Tally,
    Watch,
)


@dataclass(frozen=True, slots=True)
class CountedStages:
    """Stages that add the key of each picture to a file when they begin to look at it."""

    stages: FaceStages
    log: Path

    @contextmanager
    def open_loader(self) -> Iterator[Load]:
        """See `Stages.open_loader`."""
        with self.stages.open_loader() as load:
            yield load

    @contextmanager
    def open_looker(self) -> Iterator[Look]:
        """See `Stages.open_looker`."""
        with self.stages.open_looker() as look:
            yield partial(self._look, look)

    def _look(self, look: Look, loaded: Loaded) -> Outcome:
        write_key(loaded.item, self.log)
        return look(loaded)


def write_key(item: Item, log: Path) -> None:
    """Add a key to a file that other processes add to as well: one write of a short line is not torn."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{item.key}\n".encode())
    os.close(descriptor)


@dataclass(frozen=True, slots=True)
class SleepingStages:
    """Stages whose look takes a fixed time and no processor.

    Attributes:
        log: takes the key of each picture that is looked at, if there is one.
    """

    stage_s: float
    log: Path | None = None

    @contextmanager
    def open_loader(self) -> Iterator[Load]:
        """See `Stages.open_loader`."""
        yield Loaded

    @contextmanager
    def open_looker(self) -> Iterator[Look]:
        """See `Stages.open_looker`."""
        yield self._look

    def _look(self, loaded: Loaded) -> Outcome:
        if self.log is not None:
            write_key(loaded.item, self.log)
        time.sleep(self.stage_s)
        return Outcome(loaded.item)


def run_counted(pictures: Path, results: Path, log: Path, engine: Engine) -> Tally:
    """Run a job over a folder of pictures to its end, with the settings of the environment."""
    source, settings = read_source(str(pictures)), read_settings(None, os.environ, {})
    recipe: Recipe = recipe_of(settings, "faces")
    folder = ResultsFolder(results)
    folder.create(JobSpec(source.name, "faces", utc_now().isoformat()))
    stages = FaceStages(settings, source, "faces")
    runner = JobRunner(folder, recipe, stages.list_items, CountedStages(stages, log), engine)
    return runner.run(Watch(lambda _: None, lambda: False, time.monotonic, utc_now))


if __name__ == "__main__":
    given, kept, written = (Path(argument) for argument in sys.argv[1:4])
    print(run_counted(given, kept, written, LocalEngine()))

"""One run of a job: list, do what is not done, keep it, and remove what is no longer so."""

import json
import math
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.columns import columns_of
from oss_faces.jobs.engine import Engine
from oss_faces.jobs.folder import ResultsFolder, told
from oss_faces.jobs.items import Item, ListingIncomplete, Outcome
from oss_faces.jobs.ledger import PART_PICTURES, Ledger
from oss_faces.jobs.parquet import Parts
from oss_faces.jobs.recipe import Recipe, state_of
from oss_faces.jobs.stages import Stages
from oss_faces.jobs.tally import Tally, write_metrics

PICTURES_MAX: Final = 20_000_000
"""Pictures of one job. Each takes about 120 bytes of memory while the job runs."""

ENDING_S_MAX: Final = 60.0
"""How long a run that was told to end waits for what its engine has in work."""

_TOLD_EACH_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Watch:
    """How a run is followed from outside.

    Attributes:
        observe: called at the beginning and after each picture.
        is_stopped: whether the run is to end in order, with what is in work kept.
        monotonic: seconds.
        now: aware UTC.
    """

    observe: Callable[[Tally], None]
    is_stopped: Callable[[], bool]
    monotonic: Callable[[], float]
    now: Callable[[], datetime]


class JobRunner:
    """Runs one job in its folder.

    Args:
        list_items: lists the source, from its beginning. When something had to be left out, it raises
            `ListingIncomplete` in the end, and no picture that was not listed counts as gone.
        stages: what is done with a picture.
        part_pictures: most pictures of a part.
    """

    def __init__(
        self,
        folder: ResultsFolder,
        recipe: Recipe,
        list_items: Callable[[], Iterable[Item]],
        stages: Stages,
        engine: Engine,
        part_pictures: int = PART_PICTURES,
    ) -> None:
        self._folder = folder
        self._recipe = recipe
        self._list_items = list_items
        self._stages = stages
        self._engine = engine
        self._part_pictures = part_pictures

    def run(self, watch: Watch) -> Tally:
        """Do what is not done. Ended early, by whatever, the next run goes on where this one was.

        Raises:
            ConfigurationError: the folder, the source or the engine cannot be used, or another run is under way.
            StorageError: the source could not be listed to its end; nothing was removed.
        """
        with self._folder.held():
            ledger = Ledger(
                Parts(self._folder.parts, columns_of(self._recipe.operation)),
                self._folder.journal,
                self._recipe,
                self._part_pictures,
            )
            with closing(ledger):
                return _Run(self._folder, self._recipe, ledger, watch).work(
                    self._list_items, lambda items: self._engine.run(self._stages, items)
                )


class _Run:
    """One run, from its beginning to its end."""

    def __init__(self, folder: ResultsFolder, recipe: Recipe, ledger: Ledger, watch: Watch) -> None:
        self._folder = folder
        self._recipe = recipe
        self._ledger = ledger
        self._watch = watch
        self._started = watch.now()
        self._started_s = watch.monotonic()
        self._told_s = self._started_s
        self._ends_s = math.inf
        self._tally = Tally()

    def work(
        self, list_items: Callable[[], Iterable[Item]], do: Callable[[Iterable[Item]], Generator[Outcome]]
    ) -> Tally:
        self._tell("listing")
        stale = self._find_work(list_items())
        self._tell("running")
        self._watch.observe(self._tally)
        try:
            with closing(do(self._todo())) as outcomes:
                for outcome in outcomes:
                    self._ledger.add(outcome)
                    self._tally = self._tally.plus(outcome)
                    self._watch.observe(self._tally)
                    if self._watch.monotonic() - self._told_s > _TOLD_EACH_S:
                        self._tell("running")
                    if self._is_overdue():
                        break
        finally:
            self._ledger.flush()
        if self._tally.done < self._tally.todo:
            self._tell("cancelled")
            return self._tally
        # Of a picture that has changed the old rows go in any case; one that was not listed is gone only if all was.
        keys = None if self._tally.listed_whole else {item.key for item in self._listed()}
        self._tally = replace(self._tally, removed_rows=self._ledger.remove(stale, keys))
        self._folder.todo.unlink(missing_ok=True)
        self._tell("finished")
        return self._tally

    def _find_work(self, listed: Iterable[Item]) -> set[bytes]:
        """Write down the pictures that are not done; return the states that no listed picture has any more."""
        kept = self._ledger.recover()
        was_empty = not kept
        pictures = known = 0
        with told(self._folder.path), self._folder.todo.open("w", encoding="utf-8") as file:
            for item in self._all_of(listed):
                pictures += 1
                if pictures > PICTURES_MAX:
                    raise ConfigurationError(f"more than {PICTURES_MAX} pictures; take a prefix of them")
                state = state_of(item.key, item.etag, self._recipe.name)
                if state in kept:
                    kept.remove(state)
                    known += 1
                else:
                    file.write(json.dumps([item.key, item.etag, item.size_bytes]) + "\n")
        if not pictures and not was_empty:
            raise ConfigurationError("the source is empty, and was not: is it mounted? Nothing was removed")
        self._tally = replace(self._tally, pictures=pictures, known=known)
        return kept

    def _all_of(self, listed: Iterable[Item]) -> Iterator[Item]:
        """Give the pictures, and note when some were left out."""
        try:
            yield from listed
        except ListingIncomplete:
            self._tally = replace(self._tally, listed_whole=0)

    def _todo(self) -> Iterator[Item]:
        """Give the pictures that are to be done, until the run is to end."""
        return takewhile(lambda _: not self._is_ending(), self._listed())

    def _listed(self) -> Iterator[Item]:
        """Give the pictures that were written down."""
        with told(self._folder.path), self._folder.todo.open(encoding="utf-8") as file:
            for line in file:
                yield Item(*json.loads(line))

    def _is_ending(self) -> bool:
        """Whether the run was told to end, by whatever."""
        if self._ends_s == math.inf and (self._watch.is_stopped() or self._folder.is_cancelled):
            self._ends_s = self._watch.monotonic() + ENDING_S_MAX
        return self._ends_s < math.inf

    def _is_overdue(self) -> bool:
        """Whether that is long ago: an engine that takes very much ahead is not waited for."""
        return self._is_ending() and self._watch.monotonic() > self._ends_s

    def _tell(self, status: str) -> None:
        """Say where the run stands, in `state.json` and to Prometheus."""
        self._told_s = self._watch.monotonic()
        seconds = self._told_s - self._started_s
        self._folder.write_state(
            {
                "status": status,
                "started": self._started.isoformat(),
                "updated": self._watch.now().isoformat(),
                "seconds": round(seconds, 3),
                "recipe": json.loads(self._recipe.text),
                **self._tally.to_json(),
            }
        )
        write_metrics(self._tally, seconds, self._folder.metrics)


def status_of(folder: ResultsFolder) -> str:
    """Tell how the last run ended, or that one is under way; `interrupted` when it ended without saying so."""
    status: str = folder.state().get("status", "new")
    if status in ("listing", "running") and not folder.is_held:
        return "interrupted"
    return status

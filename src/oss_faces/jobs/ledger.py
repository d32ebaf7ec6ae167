"""What is done: the parts are the truth, a journal beside them holds what came since the last one.

A picture is done when its line stands in the journal. The journal becomes a part, whole or not at all, and only then
begins anew. So whatever ends a run, nothing that was done is lost but what was in work, and nothing is kept twice.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.columns import rows_of
from oss_faces.jobs.items import Outcome
from oss_faces.jobs.parquet import Parts, Row
from oss_faces.jobs.recipe import Recipe, state_of

PART_PICTURES: Final = 5_000
PART_ROWS_MAX: Final = 20_000


class Ledger:
    """Keeps outcomes of one recipe. Open it with `recover`, end with `close`.

    Args:
        part_pictures: most pictures of a part.
    """

    def __init__(self, parts: Parts, journal: Path, recipe: Recipe, part_pictures: int = PART_PICTURES) -> None:
        self._parts = parts
        self._path = journal
        self._recipe = recipe
        self._part_pictures = part_pictures
        self._file: IO[str] | None = None
        self._rows: list[Row] = []
        self._pictures = 0
        self._earlier: list[Path] = []

    def recover(self) -> set[bytes]:
        """Give the states of all pictures that are kept, by whatever recipe, and make a part of a journal left over.

        Raises:
            ConfigurationError: the folder cannot be used.
        """
        kept = set(self._parts.states())
        left_over: list[Row] = []
        for recipe, outcome in self._left_over():
            state = state_of(outcome.item.key, outcome.item.etag, recipe, is_final=outcome.is_final)
            # The last run may have ended between its part and the new journal.
            if state not in kept:
                kept.add(state)
                left_over.extend(rows_of(outcome, recipe))
        if left_over:
            self._parts.write(left_over, self._recipe)
        self._earlier = self._parts.paths()
        self._begin()
        return kept

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome; it outlasts the end of this process when this returns.

        Raises:
            ConfigurationError: the disk does not take it.
        """
        assert self._file is not None, "recovered first"
        line = json.dumps([self._recipe.name, outcome.to_json()], separators=(",", ":"))
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as exc:
            raise ConfigurationError(f"cannot write {self._path}: {exc.strerror}") from exc
        self._rows.extend(rows_of(outcome, self._recipe.name))
        self._pictures += 1
        if self._pictures >= self._part_pictures or len(self._rows) >= PART_ROWS_MAX:
            self.flush()

    def flush(self) -> None:
        """Make a part of what the journal holds."""
        if self._rows:
            self._parts.write(self._rows, self._recipe)
        self._begin()

    def remove(self, states: Collection[bytes], keys: Collection[str] | None = None) -> int:
        """Remove what earlier runs kept of pictures in these states; return how many rows that were.

        Args:
            keys: of these pictures alone; `None`: of all.
        """
        if not states:
            return 0
        return self._parts.remove(lambda key, state: state in states and (keys is None or key in keys), self._earlier)

    def close(self) -> None:
        """Let go of the journal."""
        if self._file is not None:
            # What a full disk did not take is still to be written: `add` has said so, and nobody takes it for kept.
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _begin(self) -> None:
        self.close()
        self._rows, self._pictures = [], 0
        try:
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as exc:
            raise ConfigurationError(f"cannot write {self._path}: {exc.strerror}") from exc

    def _left_over(self) -> Iterator[tuple[str, Outcome]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                for line in file:
                    # The last line of a run that was killed may be torn.
                    if line.endswith("\n"):
                        recipe, document = json.loads(line)
                        yield recipe, Outcome.from_json(document)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as exc:
            raise ConfigurationError(f"cannot read {self._path}: {exc}; move it away to do without it") from exc

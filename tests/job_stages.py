"""Stages for tests of jobs: quick, without a model, and counting in a file what they look at, across processes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oss_faces.errors import CorruptImage, StorageUnavailable
from oss_faces.jobs import Item, Load, Loaded, Look, Outcome
from oss_faces.values import ImageSize


@dataclass(frozen=True)
class CountingStages:
    """A picture has as many faces as its ETag's first digit says.

    Attributes:
        log: a line with the key is added for each picture that is looked at.
        killer: a file; the process that looks at the picture named `fatal` ends itself as long as it exists, and
            removes it before, unless it is `always`.
    """

    log: Path
    killer: Path | None = None

    @contextmanager
    def open_loader(self) -> Iterator[Load]:
        yield self._load

    @contextmanager
    def open_looker(self) -> Iterator[Look]:
        yield self._look

    def looked_at(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    def _load(self, item: Item) -> Loaded:
        if item.key.startswith("broken"):
            raise CorruptImage
        if item.key.startswith("away"):
            raise StorageUnavailable
        if item.key.startswith("odd"):
            raise ZeroDivisionError("unforeseen")
        return Loaded(item, item.etag)

    def _look(self, loaded: Loaded) -> Outcome:
        key = loaded.item.key
        if key.startswith("fatal") and self.killer is not None and self.killer.exists():
            if self.killer.name != "always":
                self.killer.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        # One write of a short line to a file opened for appending is not torn by those of other processes.
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{key}\n".encode())
        os.close(descriptor)
        faces = tuple(
            {"FigureId": f"{key}-{number}", "FigureConfidence": 0.5, "Left": number, "Age": 10 * number}
            for number in range(int(loaded.item.etag[0]))
        )
        return Outcome(loaded.item, ImageSize(64, 48), faces)


def items(count: int, name: str = "picture") -> list[Item]:
    return [Item(f"{name}-{number:05d}", f"{number % 3}a", 100 + number) for number in range(count)]

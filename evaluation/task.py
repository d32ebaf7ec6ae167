from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from evaluation.sets import SetFolder
from oss_faces.config import Settings
from oss_faces.pipeline import FacePipeline


@dataclass(frozen=True, slots=True)
class Task:
    """What an evaluation is given: the pictures, and the pipeline that serves requests.

    Attributes:
        sets: the labelled pictures.
        settings: those that a server would run with.
        build: makes the pipeline of some settings; with other settings it makes a variant of it.
        out: folder for plots.
    """

    sets: SetFolder
    settings: Settings
    build: Callable[[Settings], FacePipeline]
    out: Path

    def pictures(
        self,
        name: str,
        columns: Sequence[str],
        limit: int | None = None,
        *,
        quick_limit: int,
        split: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Read rows of a set with a progress bar on stderr; in quick mode no more than `quick_limit` of them."""
        most = quick_limit if self.sets.quick else limit
        total = self.sets.count(name, most, split=split)
        rows = self.sets.rows(name, columns, most, split=split)
        yield from tqdm(rows, name, total, unit="picture", mininterval=1.0)

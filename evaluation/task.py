from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from evaluation.sets import SetFolder
from oss_faces.config import Settings
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import Embedder

Row = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Task:
    """What an evaluation is given: the pictures, and the pipeline that serves requests.

    Attributes:
        sets: the labelled pictures.
        settings: those that a server would run with.
        build: makes the pipeline of some settings; with other settings it makes a variant of it.
        build_embedder: makes what turns faces into vectors.
        out: folder for plots.
        threads: pictures looked at side by side.
        vectors: folder in which the vectors of sets are kept from run to run; `None` keeps none.
        reference: file that `evaluation.reference_dlib` wrote: what dlib itself says about the same pictures.
    """

    sets: SetFolder
    settings: Settings
    build: Callable[[Settings], FacePipeline]
    build_embedder: Callable[[Settings], Embedder]
    out: Path
    threads: int = 1
    vectors: Path | None = None
    reference: Path | None = None

    def pictures(
        self,
        name: str,
        columns: Sequence[str],
        limit: int | None = None,
        *,
        quick_limit: int | None = None,
        split: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Read rows of a set with a progress bar on stderr; in quick mode no more than `quick_limit` of them."""
        most = quick_limit if self.sets.quick and quick_limit is not None else limit
        total = self.sets.count(name, most, split=split)
        rows = self.sets.rows(name, columns, most, split=split)
        yield from tqdm(rows, name, total, unit="picture", mininterval=1.0)

    def each(self, rows: Iterable[Row], work: Callable[[Row], Result]) -> Iterator[tuple[Row, Result]]:
        """Work on rows in as many threads as the task says; rows keep their order, and few of them are held."""
        waiting: deque[tuple[Row, Future[Result]]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:
            for row in rows:
                waiting.append((row, pool.submit(work, row)))
                if len(waiting) > 2 * self.threads:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for row, future in waiting:
                yield row, future.result()

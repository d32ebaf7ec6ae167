"""The engine of many machines: Ray Data, an extra, runs the same stages. The one module that imports Ray.

Reading and decoding is one pool of actors, looking another, so that the networks may have the GPUs and the decoders the
processors. Ray holds back what the slower one cannot take, and does again what a lost machine had in work.
"""

import logging
import os
import pickle
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any, Final

from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.jobs.items import Item, Loaded, Outcome, lost
from oss_faces.jobs.stages import Stages, load_one, look_at_one

BLOCK_PICTURES: Final = 8
"""Pictures that are sent, and lost, together."""

WINDOW_PICTURES: Final = 200_000
"""Pictures that are handed to Ray at a time."""

# A picture passes a loader and a looker. One of each fits on each processor, however they are laid out: with unequal
# shares, loaders that Ray has put together would leave no whole place for a looker.
_ACTOR_CPUS: Final = 0.5
_RETRIES_MAX: Final = 2
_CELL: Final = "cell"


@dataclass(frozen=True, slots=True)
class RaySettings:
    """How Ray is used.

    Attributes:
        address: of a running cluster; `None` starts Ray on this machine alone, for the time of the run.
        workers: loaders, and lookers, at once; 0 means one for each processor of the cluster.
        gpus: GPUs of each looker.
    """

    address: str | None = None
    workers: int = 0
    gpus: float = 0.0
    block_pictures: int = BLOCK_PICTURES
    window_pictures: int = WINDOW_PICTURES


class RayEngine:
    """Runs the stages on a Ray cluster, whose machines have this package and can reach the source.

    Raises:
        ConfigurationError: Ray is not installed.
    """

    def __init__(self, settings: RaySettings) -> None:
        self._settings = settings
        self._ray, self._data = _import_ray()

    def run(self, stages: Stages, items: Iterable[Item]) -> Generator[Outcome]:
        """See `Engine.run`."""
        rest = iter(items)
        with self._connected():
            while window := list(islice(rest, self._settings.window_pictures)):
                yield from self._run_window(stages, window)

    def _run_window(self, stages: Stages, window: list[Item]) -> Iterator[Outcome]:
        """Do these pictures. Those whose block was given up are tried once more, each alone."""
        missing = {item.key: item for item in window}
        for block_pictures in (self._settings.block_pictures, 1):
            if missing:
                for outcome in self._outcomes(stages, list(missing.values()), block_pictures):
                    # A block may come twice when the machine that had sent it is lost.
                    if missing.pop(outcome.item.key, None) is not None:
                        yield outcome
        for item in missing.values():
            yield lost(item, "WorkerLost", f"{_RETRIES_MAX + 1} processes ended while they worked on it")

    def _outcomes(self, stages: Stages, items: list[Item], block_pictures: int) -> Iterator[Outcome]:
        arrow = import_module("pyarrow")
        cells = [pickle.dumps(item) for item in items]
        places = range(0, len(cells), block_pictures)
        blocks = [arrow.table({_CELL: cells[place : place + block_pictures]}) for place in places]
        workers = max(min(self._settings.workers or self._processors(), len(blocks)), 1)
        sent = pickle.dumps(stages)
        pool = self._data.ActorPoolStrategy(
            min_size=1,
            initial_size=workers,
            max_size=workers,
            # What waits at an actor counts as tried when the actor ends: a picture that is alone must be so there, too.
            max_tasks_in_flight_per_actor=1 if block_pictures == 1 else None,
        )
        options = {
            "compute": pool,
            "batch_size": None,
            "batch_format": "pyarrow",
            "fn_constructor_args": (sent,),
            # A block that ends actor after actor is given up; by default Ray tries it for ever.
            "max_task_retries": _RETRIES_MAX,
        }
        line = self._data.from_arrow(blocks)
        with warnings.catch_warnings():
            # Ray announces other ways to say how often a task is tried; 2.60 has none yet.
            warnings.simplefilter("ignore", DeprecationWarning)
            line = line.map_batches(_Loader, num_cpus=_ACTOR_CPUS, **options)
            line = line.map_batches(_Looker, num_cpus=_ACTOR_CPUS, num_gpus=self._settings.gpus or None, **options)
        for batch in line.iter_batches(batch_size=None, batch_format="pyarrow"):
            for cell in batch.column(_CELL).to_pylist():
                outcome = pickle.loads(cell)  # noqa: S301  from our own actors
                if isinstance(outcome, OssFacesError):
                    raise outcome
                yield outcome

    def _processors(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 1))

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Connect to the cluster, or start one; one that this process is connected to already is used and left."""
        context = self._data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1
        if self._ray.is_initialized():
            yield
            return
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if self._settings.address is None:
            # One of its own, and not one that happens to run on this machine.
            options |= {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
        try:
            self._ray.init(self._settings.address or "local", **options)
        except (ConnectionError, RuntimeError, ValueError) as exc:
            raise ConfigurationError(f"no Ray cluster at {self._settings.address}: {exc}") from exc
        try:
            yield
        finally:
            self._ray.shutdown()


class _Loader:
    """An actor that reads and decodes blocks of pictures."""

    def __init__(self, stages: bytes) -> None:
        self._opened = _Opened()
        self._load = self._opened.open(lambda: pickle.loads(stages).open_loader())  # noqa: S301  from the driver

    def __call__(self, block: Any) -> Any:
        if self._opened.refusal is not None:
            return _block([self._opened.refusal] * len(block))
        return _block([load_one(self._load, item) for item in _cells(block)])


class _Looker:
    """An actor that finds the faces of blocks of pictures."""

    def __init__(self, stages: bytes) -> None:
        self._opened = _Opened()
        self._look = self._opened.open(lambda: pickle.loads(stages).open_looker())  # noqa: S301  from the driver

    def __call__(self, block: Any) -> Any:
        if self._opened.refusal is not None:
            return _block([self._opened.refusal] * len(block))
        return _block([self._seen(loaded) for loaded in _cells(block)])

    def _seen(self, loaded: Loaded | OssFacesError) -> Outcome | OssFacesError:
        return loaded if isinstance(loaded, OssFacesError) else look_at_one(self._look, loaded)


class _Opened:
    """What an actor has open, or why it could not be opened: an actor that raises would be started again and again."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.refusal: OssFacesError | None = None

    def open(self, make: Any) -> Any:
        try:
            return self._stack.enter_context(make())
        except OssFacesError as exc:
            self.refusal = exc
            return None


def _cells(block: Any) -> Iterator[Any]:
    for cell in block.column(_CELL).to_pylist():
        yield pickle.loads(cell)  # noqa: S301  from our own actors


def _block(cells: list[Any]) -> Any:
    arrow = import_module("pyarrow")
    return arrow.table({_CELL: arrow.array([pickle.dumps(cell) for cell in cells], arrow.large_binary())})


def _import_ray() -> tuple[Any, Any]:
    # Ray reports its use to its makers unless it is told not to, from its import on. Nothing may leave the house.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        return import_module("ray"), import_module("ray.data")
    except ImportError as exc:
        raise ConfigurationError("--engine ray needs Ray; run: pip install 'oss-faces[batch]'") from exc

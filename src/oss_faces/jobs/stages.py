"""The stages of a job, and the boundary around each: what goes wrong with a picture is that picture's outcome."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeAlias

from oss_faces.errors import OssFacesError
from oss_faces.jobs.items import Failure, Item, Loaded, Outcome, lost

Load: TypeAlias = Callable[[Item], Loaded]
Look: TypeAlias = Callable[[Loaded], Outcome]

_log: Final = logging.getLogger(__name__)


class Stages(Protocol):
    """What is done with each picture. It is sent to the processes that do it, and opened there.

    The two parts may run in different processes: reading and decoding need a disk or a network and a processor, looking
    needs the networks and perhaps a GPU.
    """

    def open_loader(self) -> AbstractContextManager[Load]:
        """Open what reads and decodes a picture.

        Raises:
            ConfigurationError: the source cannot be opened.
        """
        ...

    def open_looker(self) -> AbstractContextManager[Look]:
        """Open what finds and describes the faces of a decoded picture.

        Raises:
            ModelUnavailable: a model file is missing or changed.
        """
        ...


def load_one(load: Load, item: Item) -> Loaded:
    """Read and decode a picture. It never raises."""
    try:
        return load(item)
    except OssFacesError as exc:
        return Loaded(item, failure=Failure.of(exc))
    except Exception as exc:  # noqa: BLE001  the boundary of a job: logged, and handed on as the outcome
        _log.exception("a picture could not be loaded")
        return Loaded(item, failure=lost(item, type(exc).__name__, "unforeseen, see the log").failure)


def look_at_one(look: Look, loaded: Loaded) -> Outcome:
    """Find the faces of a picture, if it could be loaded. It never raises."""
    if loaded.failure is not None:
        return Outcome(loaded.item, failure=loaded.failure)
    try:
        return look(loaded)
    except OssFacesError as exc:
        return Outcome(loaded.item, failure=Failure.of(exc))
    except Exception as exc:  # noqa: BLE001  the boundary of a job: logged, and handed on as the outcome
        _log.exception("a picture could not be looked at")
        return lost(loaded.item, type(exc).__name__, "unforeseen, see the log")

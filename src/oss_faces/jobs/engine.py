from collections.abc import Generator, Iterable
from typing import Protocol

from oss_faces.jobs.items import Item, Outcome
from oss_faces.jobs.stages import Stages


class Engine(Protocol):
    """Runs the stages over many pictures; tests/contracts/jobs is one suite for every implementation."""

    def run(self, stages: Stages, items: Iterable[Item]) -> Generator[Outcome]:
        """Give one outcome for each item, in any order.

        Only a bounded number of items is taken ahead. What a lost process or machine had in work is done again; a
        picture that loses its process time and again is an outcome with a failure. Closing the generator ends the work.

        Raises:
            ConfigurationError, ModelUnavailable: the stages cannot be opened.
        """
        ...

"""What the commands for people work with: opened from a data folder, which a server may be using."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

import anyio

from oss_faces.app import build_embedder, build_pipeline, build_vectors, open_faces, open_state, utc_now
from oss_faces.audit import TEXT_MAX, Audit, SqlAudit
from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.face_parts import not_searched
from oss_faces.face_service import trace_finder
from oss_faces.operations.people import (
    Enroller,
    Eraser,
    Identifier,
    Keeper,
    People,
    Sight,
    Sweeper,
    TraceFinder,
    Verifier,
)
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.projects import Projects, SqlProjects
from oss_faces.recognition import DecisionSettings
from oss_faces.tasks import SqlTasks, Tasks


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that can be done with the people of a dataset.

    Attributes:
        sight: loads the models at the first call; what needs no picture does not wait for them.
        find_traces: looks for bytes in the data folder.
        outside: what holds vectors outside the data folder; empty: nothing.
    """

    people: People
    projects: Projects
    audit: Audit
    tasks: Tasks
    actor: str
    decision: DecisionSettings
    sight: Callable[[], Sight]
    find_traces: TraceFinder
    now: Callable[[], datetime]
    outside: str = ""

    @property
    def enroller(self) -> Enroller:
        """For enrolment."""
        return Enroller(self.people, self.projects, self.sight(), self.decision, self.audit, self.actor)

    @property
    def identifier(self) -> Identifier:
        """For 1:N."""
        return Identifier(self.people, self.sight(), self.decision, self.audit, self.actor)

    @property
    def verifier(self) -> Verifier:
        """For 1:1."""
        return Verifier(self.sight(), self.decision, self.audit, self.actor)

    @property
    def keeper(self) -> Keeper:
        """For names, merges, splits and retention."""
        return Keeper(self.people, self.audit, self.actor)

    @property
    def eraser(self) -> Eraser:
        """For erasure and export."""
        return Eraser(self.people, self.audit, self.actor, self.tasks, self.outside)

    @property
    def sweeper(self) -> Sweeper:
        """For what has outlived its time, in all datasets."""
        return Sweeper(self.people.database, self.audit, self.now, self.actor)


@contextmanager
def open_desk(settings: Settings, ref: DatasetRef) -> Iterator[Desk]:
    """Open the people of a dataset in the data folder of the settings.

    Raises:
        ConfigurationError: the data folder cannot be used.
    """
    with (
        closing(open_state(settings)) as database,
        open_faces(settings, database, build_vectors(settings, os.environ, database)) as faces,
    ):
        anyio.run(faces.finish_erasing)
        yield Desk(
            People(faces, ref),
            SqlProjects(database, settings.imm, utc_now),
            SqlAudit(database, utc_now),
            SqlTasks(database, settings.tasks, utc_now),
            f"cli:{_login()}"[:TEXT_MAX],
            settings.decision,
            cache(partial(build_sight, settings)),
            trace_finder(settings),
            utc_now,
            not_searched(settings, database),
        )


def build_sight(settings: Settings) -> Sight:
    """Load and check the models.

    Raises:
        ModelUnavailable: a model file is missing or changed.
    """
    pipeline = RecognitionPipeline(build_pipeline(settings), build_embedder(settings))
    return Sight(pipeline, settings.decoding, settings.fitness)


def _login() -> str:
    """Tell who runs this program: the user's name, or number where it has none (as in many containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

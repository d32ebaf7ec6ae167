"""People in memory: a dataset, a log, and pictures of persons who are as alike as a test wants."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.audit import AuditQuery, MemoryAudit
from oss_faces.datasets import DatasetRef, FileFacts, NewFigure
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.detection import FixedDetector
from oss_faces.facedb import FaceDatabase, FaceDbSettings, MemoryFaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.operations.people import (
    Enroller,
    Eraser,
    Identifier,
    Keeper,
    People,
    SeenFace,
    SeenPicture,
    Sight,
    Verifier,
)
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.recognition import Calibration, DecisionSettings, FitnessSettings, FixedEmbedder, Flaw
from oss_faces.tasks import MemoryTasks, TaskSettings
from oss_faces.values import Box, Detections, Face, ImageSize

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)
REF = DatasetRef("people", "people")
ACTOR = "cli:tester"
SPACE = "fixed@1"
# One of our own, so that no new measurement moves what the tests say.
CALIBRATION = Calibration(((1e-4, 0.334), (1e-3, 0.37), (1e-2, 0.413)))


def ticking() -> Callable[[], datetime]:
    seconds = count()
    return lambda: FIRST + timedelta(seconds=next(seconds))


def vector(person: int, away: float = 0.0) -> FloatArray:
    """A vector of length 1 of this person, so far away from the person's first one."""
    angle = 2 * np.arcsin(away / 2)
    made = np.zeros(128, np.float32)
    made[person], made[127] = np.cos(angle), np.sin(angle)
    return made


def face(side: float = 80, left: float = 10) -> Face:
    return Face(Box(left, 10, left + side, 10 + side), 0.99, np.zeros((5, 2), np.float32))


def seen(person: int, away: float = 0.0, *, side: float = 80, flaws: tuple[Flaw, ...] = ()) -> SeenFace:
    made = vector(person, away)
    return SeenFace(NewFigure(f"figure-{person}-{away}", face(side), made), flaws)


def picture(*faces: SeenFace, name: str = "") -> SeenPicture:
    """A picture of these faces; another name is another file."""
    told = name or "+".join(one.figure.figure_id for one in faces)
    facts = FileFacts("0" * 32, 1000, "image/jpeg", FIRST, ImageSize(640, 480), 1, ("fixed@1",))
    return SeenPicture(f"file:{told}", facts, SPACE, faces)


class World:
    """One dataset with everything that is done to it."""

    def __init__(self) -> None:
        self.database: FaceDatabase = MemoryFaceDatabase(FaceDbSettings(), ticking())
        self.audit = MemoryAudit(ticking())
        self.tasks = MemoryTasks(TaskSettings(), ticking())
        self.projects = MemoryProjects(ImmSettings(), ticking())
        stages = FacePipeline(
            lambda content: decode(content, DecodingSettings()), FixedDetector(Detections.empty()), FixedAnalyser(), ()
        )
        pipeline = RecognitionPipeline(stages, FixedEmbedder(calibration=CALIBRATION))
        sight = Sight(pipeline, DecodingSettings(), FitnessSettings())
        decision = DecisionSettings()
        self.people = People(self.database, REF)
        self.enroller = Enroller(self.people, self.projects, sight, decision, self.audit, ACTOR)
        self.identifier = Identifier(self.people, sight, decision, self.audit, ACTOR)
        self.verifier = Verifier(sight, decision, self.audit, ACTOR)
        self.keeper = Keeper(self.people, self.audit, ACTOR)
        self.eraser = Eraser(self.people, self.audit, ACTOR, self.tasks)

    async def log(self) -> list[tuple[str, tuple[str, ...], dict[str, int]]]:
        """What was recorded, without who and when."""
        page = await self.audit.entries(AuditQuery())
        return [(entry.event.act.value, entry.event.subjects, dict(entry.event.counts)) for entry in page.entries]

    async def enrol(self, name: str, *persons: int) -> str:
        """Enrol one picture of each of these; give the cluster's id."""
        done = await self.enroller.enrol(name, [picture(seen(person)) for person in persons])
        assert done.person is not None
        return done.person.cluster_id


@pytest.fixture
def world() -> World:
    return World()

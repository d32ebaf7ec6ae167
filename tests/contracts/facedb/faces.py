"""Faces, files and vectors for the tests of face databases: made up, and no picture's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from oss_faces.datasets import DatasetRef, DatasetSpec, FileFacts, FileSpec, IndexedFile, NewFigure
from oss_faces.facedb import FaceDatabase
from oss_faces.geometry import FloatArray
from oss_faces.values import Age, Box, Emotion, Face, HeadPose, ImageSize, Label

FIRST = datetime(2026, 11, 22, 18, 54, 3, 123456, tzinfo=UTC)
REF = DatasetRef("project", "album")
SPACE = "made-up@1"
DIMENSIONS = 8


def direction(seed: int, dimensions: int = DIMENSIONS) -> FloatArray:
    """Give a vector of length 1; the same seed gives the same."""
    vector = np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def face(**changes: object) -> Face:
    """Give a face of which everything is known."""
    known = Face(
        Box(10.25, 20.5, 110.125, 140.0),
        0.97,
        np.arange(10, dtype=np.float32).reshape(5, 2) + 0.1,
        age=Age(31.4, 4.5),
        gender=Label("female", 0.9),
        emotion=Emotion({"happy": 0.75, "neutral": 0.25}),
        mouth=Label("open", 0.8),
        beard=Label("none", 0.99),
        mask=Label("none", 0.98),
        hat=Label("hat", 0.7),
        glasses=Label("sunglasses", 0.6),
        pose=HeadPose(-3.5, 12.25, 0.5),
        attractive=0.4,
        sharpness=0.85,
        quality=0.9,
    )
    return replace(known, **changes)  # type: ignore[arg-type]  # each test names fields of a face


BARE = Face(Box(0.0, 0.0, 50.0, 50.0), 0.5, np.zeros((5, 2), np.float32))


def figure(name: str, seed: int, own: Face | None = None) -> NewFigure:
    return NewFigure(name, own or face(), direction(seed))


def facts(**changes: object) -> FileFacts:
    known = FileFacts("ABCDEF", 1000, "image/jpeg", FIRST - timedelta(days=9), ImageSize(640, 480), 1, ("m@1", "n@2"))
    return replace(known, **changes)  # type: ignore[arg-type]  # as above


async def album(faces: FaceDatabase, spec: DatasetSpec | None = None) -> FaceDatabase:
    """Make the dataset REF."""
    await faces.create_dataset(REF, spec or DatasetSpec())
    return faces


async def put(
    faces: FaceDatabase, uri: str, figures: Sequence[NewFigure] = (), spec: FileSpec | None = None, **known: object
) -> IndexedFile:
    """Put a file into REF."""
    return await faces.put_file(REF, uri, spec or FileSpec(), facts(**known), figures, SPACE)


async def people(faces: FaceDatabase, *names: str) -> dict[str, int]:
    """Put a picture of each name, with one face, and give the figures' numbers."""
    numbers = {}
    for seed, name in enumerate(names):
        numbers[name] = (await put(faces, f"oss://b/{name}.jpg", [figure(name, seed)])).figures[0].number
    return numbers

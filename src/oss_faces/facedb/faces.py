"""What every face database does with a face before it is kept, and what follows from several of them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from oss_faces.datasets import ClusterFacts, Figure, NewFigure
from oss_faces.values import Age, Box, Emotion, Face, HeadPose, Label


def worth_keeping(figures: Sequence[NewFigure], most: int) -> tuple[NewFigure, ...]:
    """Leave out repeated ids and the smallest faces beyond a number; numbers become Python's own, as when read back."""
    own = {figure.figure_id: figure for figure in reversed(figures)}
    largest = sorted(own.values(), key=lambda figure: (-figure.face.box.area, figure.figure_id))[:most]
    kept = {figure.figure_id for figure in largest}
    return tuple(
        NewFigure(figure.figure_id, plain(figure.face), np.asarray(figure.vector, np.float32).copy())
        for figure in reversed(own.values())
        if figure.figure_id in kept
    )


def plain(face: Face) -> Face:
    """Replace NumPy's numbers by Python's: a face reads the same before and after it was stored."""
    box = Box(*(float(edge) for edge in (face.box.left, face.box.top, face.box.right, face.box.bottom)))
    return Face(
        box,
        float(face.score),
        np.asarray(face.landmarks, np.float32).copy(),
        age=None if face.age is None else Age(float(face.age.years), float(face.age.sd)),
        gender=_label(face.gender),
        emotion=_emotion(face.emotion),
        mouth=_label(face.mouth),
        beard=_label(face.beard),
        mask=_label(face.mask),
        hat=_label(face.hat),
        glasses=_label(face.glasses),
        pose=_pose(face.pose),
        attractive=_number(face.attractive),
        sharpness=_number(face.sharpness),
        quality=_number(face.quality),
    )


def facts(figures: Sequence[Figure], cover_uri: str) -> ClusterFacts:
    """Tell what follows from the figures of a cluster, of which there is at least one."""
    genders = Counter(figure.face.gender.value for figure in figures if figure.face.gender is not None)
    ages = sorted(figure.face.age.years for figure in figures if figure.face.age is not None)
    # Even votes: the first by alphabet, so that every implementation says the same.
    gender = min(genders, key=lambda value: (-genders[value], value), default="")
    on_cover = [figure for figure in figures if figure.uri == cover_uri]
    return ClusterFacts(
        face_count=len(figures),
        image_count=len({figure.uri for figure in figures}),
        gender=gender,
        ages=(ages[0], sum(ages) / len(ages), ages[-1]) if ages else None,
        cover=min(on_cover or figures, key=_by_worth),
    )


def _by_worth(figure: Figure) -> tuple[float, float, int]:
    return -(figure.face.quality or 0.0), -figure.face.box.area, figure.number


def _label(label: Label | None) -> Label | None:
    return None if label is None else Label(label.value, float(label.confidence))


def _emotion(emotion: Emotion | None) -> Emotion | None:
    return None if emotion is None else Emotion({name: float(score) for name, score in emotion.scores.items()})


def _pose(pose: HeadPose | None) -> HeadPose | None:
    return None if pose is None else HeadPose(float(pose.pitch), float(pose.yaw), float(pose.roll))


def _number(number: float | None) -> float | None:
    return None if number is None else float(number)

"""Faces followed from frame to frame: the three rules, and what they must not do."""

import numpy as np
import pytest

from oss_faces.recognition import DLIB_CALIBRATION, Tracker
from oss_faces.recognition.tracking import GAP_S_MAX, STRANGER_SIMILARITY, TRACKS_MAX

BOX = (10, 10, 50, 50)
ELSEWHERE = (200, 200, 240, 240)


def person(number: int, similarity: float | None = None) -> np.ndarray:
    """A vector of a person; with `similarity` one that looks so much like that."""
    first = np.eye(128, dtype=np.float32)[number]
    if similarity is None:
        return first
    cosine = 1 - DLIB_CALIBRATION.distance_of(similarity) ** 2 / 2
    return (cosine * first + np.sqrt(1 - cosine**2) * np.eye(128, dtype=np.float32)[number + 64]).astype(np.float32)


def follow(tracker: Tracker, time_s: float | None, *faces: tuple[tuple[int, ...], np.ndarray]) -> tuple[int, ...]:
    boxes = np.array([box for box, _ in faces], np.float32).reshape(-1, 4)
    vectors = np.array([vector for _, vector in faces], np.float32).reshape(-1, 128)
    return tracker.follow(boxes, vectors, time_s)


def test_nobody_is_no_track() -> None:
    """A frame without a face changes nothing, first or later."""
    tracker = Tracker(DLIB_CALIBRATION)
    assert follow(tracker, 0) == ()
    assert follow(tracker, 1, (BOX, person(0))) == (1,)
    assert follow(tracker, 2) == ()
    assert follow(tracker, 2.5, (BOX, person(0))) == (1,)


def test_faces_of_one_frame_are_different_tracks() -> None:
    """Even when they look alike and overlap: nobody is twice in a picture."""
    tracker = Tracker(DLIB_CALIBRATION)
    assert follow(tracker, 0, (BOX, person(0)), (BOX, person(0))) == (1, 2)
    assert sorted(follow(tracker, 0.1, (BOX, person(0)), (BOX, person(0)))) == [1, 2]


def test_face_that_moves_fast_is_known_by_its_looks() -> None:
    """Rule 2: nothing overlaps, and the face is that of the track; a stranger there is a new one."""
    tracker = Tracker(DLIB_CALIBRATION)
    follow(tracker, 0, (BOX, person(0)))
    assert follow(tracker, 0.5, (ELSEWHERE, person(0, 0.85)), (BOX, person(1))) == (1, 2)
    assert follow(tracker, 500, (BOX, person(0))) == (1,)


@pytest.mark.parametrize(("similarity", "expected"), [(0.79, 2), (0.81, 1)])
def test_looks_alone_need_the_similarity_of_one_person(similarity: float, expected: int) -> None:
    """The line is that of the whole product: 0.8."""
    tracker = Tracker(DLIB_CALIBRATION)
    follow(tracker, 0, (BOX, person(0)))
    assert follow(tracker, 0.5, (ELSEWHERE, person(0, similarity))) == (expected,)


@pytest.mark.parametrize(
    ("similarity", "expected"), [(0.3, 1), (STRANGER_SIMILARITY + 0.01, 1), (STRANGER_SIMILARITY - 0.01, 2)]
)
def test_place_needs_no_stranger(similarity: float, expected: int) -> None:
    """Rule 1: a turned or blurred face stays the same one; a cut to another person is seen."""
    tracker = Tracker(DLIB_CALIBRATION)
    follow(tracker, 0, (BOX, person(0)))
    assert follow(tracker, 0.5, ((12, 10, 52, 50), person(0, similarity))) == (expected,)


@pytest.mark.parametrize(("gap_s", "expected"), [(GAP_S_MAX, 1), (GAP_S_MAX + 0.01, 2)])
def test_place_is_forgotten_after_a_while(gap_s: float, expected: int) -> None:
    """Who comes to stand there later is judged by looks alone."""
    tracker = Tracker(DLIB_CALIBRATION)
    follow(tracker, 5, (BOX, person(0)))
    assert follow(tracker, 5 + gap_s, (BOX, person(0, 0.5))) == (expected,)


@pytest.mark.parametrize(("left", "expected"), [(31, 1), (32, 2)])
def test_place_is_a_matter_of_overlap(left: int, expected: int) -> None:
    """Boxes of 40 pixels side by side: 0.31 overlap at 21 pixels apart, 0.29 at 22."""
    tracker = Tracker(DLIB_CALIBRATION)
    follow(tracker, 0, (BOX, person(0)))
    assert follow(tracker, 0.5, ((left, 10, left + 40, 50), person(0, 0.5))) == (expected,)


def test_pictures_have_no_place() -> None:
    """Where somebody stood in another picture says nothing; looks say all."""
    tracker = Tracker(DLIB_CALIBRATION)
    assert follow(tracker, None, (BOX, person(0))) == (1,)
    assert follow(tracker, None, (BOX, person(0, 0.5)), (ELSEWHERE, person(0))) == (2, 1)


def test_better_overlap_and_nearer_looks_go_first() -> None:
    """Two faces that both could be the track: the better one is, in whatever order they come."""
    for order in (slice(None), slice(None, None, -1)):
        tracker = Tracker(DLIB_CALIBRATION)
        follow(tracker, 0, (BOX, person(0)))
        faces = [((14, 10, 54, 50), person(0, 0.5)), ((11, 10, 51, 50), person(0, 0.5))]
        assert follow(tracker, 0.5, *faces[order]) == (2, 1)[order]
        tracker = Tracker(DLIB_CALIBRATION)
        follow(tracker, None, (BOX, person(0)))
        faces = [(BOX, person(0, 0.85)), (BOX, person(0, 0.95))]
        assert follow(tracker, None, *faces[order]) == (2, 1)[order]


def test_looks_are_those_of_all_frames() -> None:
    """One odd frame does not make a track forget who it was."""
    tracker = Tracker(DLIB_CALIBRATION)
    for time_s in (0, 0.1, 0.2, 0.3):
        follow(tracker, time_s, (BOX, person(0)))
    assert follow(tracker, 0.4, (BOX, person(0, 0.2))) == (1,)
    assert follow(tracker, 100, (ELSEWHERE, person(0, 0.85))) == (1,)


def test_memory_is_bounded() -> None:
    """Of too many tracks the one that was seen longest ago is forgotten, and numbers are never used again."""
    tracker = Tracker(DLIB_CALIBRATION)
    random = np.random.default_rng(3)
    vectors = random.standard_normal((TRACKS_MAX + 1, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for place, vector in enumerate(vectors):
        assert follow(tracker, None, (BOX, vector)) == (place + 1,)
    assert follow(tracker, None, (BOX, vectors[1])) == (2,)
    assert follow(tracker, None, (BOX, vectors[0])) == (TRACKS_MAX + 2,)

"""Which faces are refused, and for which reason."""

from dataclasses import replace

import numpy as np
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.recognition import ADVICE, FitnessSettings, Flaw, flaws
from oss_faces.values import Box, Face, HeadPose, Label

FIT = Face(
    Box(10, 10, 60, 74),
    0.99,
    np.zeros((5, 2), np.float32),
    mask=Label("none", 0.99),
    glasses=Label("none", 0.99),
    pose=HeadPose(0, 0, 0),
    sharpness=0.81,
    quality=0.9,
)
BARE = Face(Box(10, 10, 60, 74), 0.99, np.zeros((5, 2), np.float32))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ()),
        ({"glasses": Label("glasses", 0.99)}, ()),
        ({"pose": HeadPose(0, 0, 170)}, ()),
        ({"pose": HeadPose(-29, 44, 0), "quality": 0.5}, ()),
        ({"box": Box(0, 0, 23.5, 100)}, (Flaw.TOO_SMALL,)),
        ({"box": Box(0, 0, 100, 23.5)}, (Flaw.TOO_SMALL,)),
        ({"box": Box(0, 0, 24, 24)}, ()),
        ({"mask": Label("mask", 0.71)}, (Flaw.HIDDEN,)),
        ({"mask": Label("mask", 1.0), "quality": 0.5}, (Flaw.HIDDEN,)),
        ({"mask": Label("mask", 0.7)}, ()),
        ({"glasses": Label("sunglasses", 0.9)}, (Flaw.HIDDEN,)),
        ({"pose": HeadPose(0, 46, 0), "quality": 0.5}, (Flaw.TURNED,)),
        ({"pose": HeadPose(0, -46, 0), "quality": 0.5}, (Flaw.TURNED,)),
        ({"pose": HeadPose(31, 0, 0), "quality": 0.7}, (Flaw.TURNED,)),
        ({"pose": HeadPose(0, 90, 0), "quality": 0.0}, (Flaw.TURNED,)),
        ({"sharpness": 0.39, "quality": 0.6}, (Flaw.BLURRED,)),
        ({"quality": 0.39}, (Flaw.POOR,)),
        ({"quality": 0.41}, ()),
        ({"pose": HeadPose(0, 40, 0), "sharpness": 0.5, "quality": 0.39}, (Flaw.POOR,)),
        (
            {"box": Box(0, 0, 9, 9), "mask": Label("mask", 1), "pose": HeadPose(60, 0, 0), "sharpness": 0.1},
            (Flaw.TOO_SMALL, Flaw.HIDDEN, Flaw.TURNED, Flaw.BLURRED),
        ),
    ],
)
def test_flaws_are_named(changed: dict[str, object], expected: tuple[Flaw, ...]) -> None:
    """Each by its own measure, and all that apply."""
    assert flaws(replace(FIT, **changed), FitnessSettings()) == expected


def test_what_was_not_measured_is_not_asked_for() -> None:
    """A server that leaves attributes out judges by the size alone."""
    assert flaws(BARE, FitnessSettings()) == ()
    assert flaws(replace(BARE, quality=0.1), FitnessSettings()) == (Flaw.POOR,)


def test_settings_move_the_lines() -> None:
    """Whoever takes everything may."""
    everything = FitnessSettings(side_min=1, sharpness_min=0, yaw_max=180, pitch_max=180, hidden_max=1, quality_min=0)
    everything.validate()
    bad = replace(FIT, box=Box(0, 0, 2, 2), mask=Label("mask", 1), pose=HeadPose(90, 90, 0), sharpness=0, quality=0)
    assert flaws(bad, everything) == ()
    assert flaws(FIT, FitnessSettings(side_min=51)) == (Flaw.TOO_SMALL,)


def test_every_flaw_has_advice() -> None:
    """Nobody is refused without a word on what to do."""
    assert set(ADVICE) == set(Flaw)


@pytest.mark.parametrize(
    "wrong",
    [
        {"side_min": 0},
        {"sharpness_min": -0.1},
        {"yaw_max": 0},
        {"pitch_max": 181},
        {"hidden_max": 0.4},
        {"quality_min": 2},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match=f"fitness.{next(iter(wrong))}"):
        FitnessSettings(**wrong).validate()

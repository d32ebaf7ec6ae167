"""The drawn faces on which networks with fewer digits are judged."""

from collections.abc import Callable

import numpy as np
import pytest

from oss_faces.detection import detector_probe, scout_probe
from oss_faces.inference import (
    CENTERFACE,
    ModelSettings,
    OnnxSession,
    Probe,
    Session,
    centerface_ranges,
    prepare_centerface,
    prepare_scout,
    read_model,
    scout_spec,
)

SETTINGS = ModelSettings()


@pytest.fixture(scope="module")
def detector() -> Session:
    return OnnxSession(prepare_centerface(read_model(CENTERFACE, SETTINGS), {}))


@pytest.fixture(scope="module")
def scout() -> Session:
    return OnnxSession(prepare_scout(read_model(scout_spec(SETTINGS), SETTINGS)))


class Scaled:
    """A session whose answers are multiplied."""

    def __init__(self, session: Session, factor: float) -> None:
        self.session, self.factor = session, np.float32(factor)

    def run(self, inputs):
        return [output * self.factor for output in self.session.run(inputs)]


def test_a_network_agrees_with_itself(detector: Session, scout: Session) -> None:
    """The faces drawn are seen, so there is something to compare, and nothing differs."""
    for probe, session in ((detector_probe(), detector), (scout_probe(), scout)):
        differences = probe.differences(session, session)
        assert differences == dict.fromkeys(probe.limits, 0.0)
        assert probe.allows(differences)


def test_whole_numbers_are_beyond_the_tolerance(detector: Session) -> None:
    """The limits are narrower than what a detector in whole numbers keeps."""
    probe = detector_probe()
    whole = prepare_centerface(read_model(CENTERFACE, SETTINGS), centerface_ranges(CENTERFACE.sha256))
    differences = probe.differences(detector, OnnxSession(whole))
    assert set(differences) == set(probe.limits)
    assert not probe.allows(differences)


@pytest.mark.parametrize("make", [detector_probe, scout_probe])
def test_a_network_that_is_off_is_refused(make: Callable[[], Probe], detector: Session, scout: Session) -> None:
    """A tenth less heat is too much, and one that sees nothing cannot be compared."""
    session = detector if make is detector_probe else scout
    probe = make()
    assert not probe.allows(probe.differences(session, Scaled(session, 0.9)))
    assert not probe.allows(probe.differences(Scaled(session, 0.0), Scaled(session, 0.0)))

"""What is known of networks without running them, and the one that is loaded late."""

import numpy as np
import pytest

from oss_faces.app import build_recognition
from oss_faces.config import Settings
from oss_faces.errors import ModelUnavailable
from oss_faces.inference import REDUCED_FLOATS, WHOLE_NUMBERS, InferenceSettings
from oss_faces.recognition import DLIB_CALIBRATION, FixedEmbedder
from oss_faces.stages import StageSettings, read_facts
from oss_faces.stages.loading import LateEmbedder, load_pipeline
from oss_faces.values import Image, ImageSize

PICTURE = Image(np.zeros((4, 4, 3), np.uint8), ImageSize(4, 4), "test")
FACES = np.zeros((2, 5, 2), np.float32)


def test_facts_are_those_of_the_networks() -> None:
    """Whoever only stores and compares vectors knows the same models and the same space."""
    facts, loaded = read_facts(Settings().stages), build_recognition(Settings())
    assert facts.models == loaded.models
    assert facts.face_models == loaded.faces.models
    assert facts.embedder.space == loaded.embedder.space
    assert facts.embedder.calibration == loaded.embedder.calibration


def test_the_network_is_loaded_once_and_late() -> None:
    """Not for what is known without it; once for all faces."""
    loads: list[str] = []

    def load() -> FixedEmbedder:
        loads.append("loaded")
        return FixedEmbedder()

    late = LateEmbedder(FixedEmbedder(), load)
    assert (late.space, late.calibration) == ("fixed@1", DLIB_CALIBRATION)
    assert not loads
    assert late.embed(PICTURE, FACES).shape == (2, late.dimensions)
    assert late.embed(PICTURE, FACES).shape == (2, 128)
    assert loads == ["loaded"]


def test_a_network_that_cannot_be_loaded_is_tried_again() -> None:
    """The error reaches the caller, and a repaired file is found."""
    outcomes = iter([ModelUnavailable("gone"), FixedEmbedder()])

    def load() -> FixedEmbedder:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    late = LateEmbedder(FixedEmbedder(), load)
    with pytest.raises(ModelUnavailable, match="gone"):
        late.embed(PICTURE, FACES)
    assert len(late.embed(PICTURE, FACES)) == 2


def test_networks_with_fewer_digits_have_other_versions() -> None:
    """Their answers are others, so FigureIds, kept results and rows must be, too; nothing else changes its name."""
    plain, whole, reduced = (
        read_facts(StageSettings(inference=InferenceSettings(engine="auto", precision=precision)))
        for precision in ("float32", "int8", "bfloat16")
    )
    detector, scout, attributes = plain.face_models
    assert whole.face_models == (f"{detector}-{WHOLE_NUMBERS}", scout, attributes)
    assert reduced.face_models == (f"{detector}-{REDUCED_FLOATS}", f"{scout}-{REDUCED_FLOATS}", attributes)
    assert plain.embedder.space == whole.embedder.space == reduced.embedder.space
    loaded = load_pipeline(StageSettings(inference=InferenceSettings(precision="int8")))
    assert loaded.models == whole.face_models

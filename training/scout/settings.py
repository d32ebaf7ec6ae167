"""The configuration of the scout's training: every choice that changes the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Most pictures taken of each set; never from a `test` split.
SOURCES: Final[Mapping[str, int]] = {
    "celeba_wild": 2200,
    "mebeauty": 500,
    "udacity_ytf68": 600,
    "mask_chandrikadeb": 700,
    "utkface": 500,
    "ffhq": 300,
    "ffhq_1024": 44,
}


@dataclass(frozen=True, slots=True)
class ScoutSettings:
    """How a training is run.

    Attributes:
        steps: batches.
        batch: scenes in a batch.
        scene_side: edge of a scene in pixels.
        channels: of the four convolutions, of which the first three halve the picture.
        rate: peak learning rate.
        seed: of everything that is left to chance.
        face_weight: how much a missed face weighs against a false hint. A miss is final; a hint costs one look.
        focus: exponent by which cells that are already right lose weight.
        stored_side_max: pictures are kept no larger than this, in pixels.
        score_min: a teacher's detection is a face above this score.
    """

    steps: int = 2500
    batch: int = 32
    scene_side: int = 128
    channels: tuple[int, int, int, int] = (8, 16, 32, 32)
    rate: float = 6e-3
    seed: int = 1
    face_weight: float = 4.0
    focus: float = 1.5
    stored_side_max: int = 400
    score_min: float = 0.6
    sources: Mapping[str, int] = field(default_factory=lambda: dict(SOURCES))

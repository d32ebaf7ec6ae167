"""The configuration of a training: every choice that changes the result is here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Crops are cached wider and denser than the network sees them, so that jitter and rotation find real pixels.
CACHE_SIDE: Final = 160
CACHE_MARGIN: Final = 1.25


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """How one data set takes part.

    Attributes:
        weight: how often each of its faces is drawn, against 1.0.
        held_out: share of `train` kept back for calibration where the set has no `val` of its own.
        group: column by which that share is chosen, so that no person is on both sides.
        padding: grey border around the picture while detecting, as a share of its long side.
        canvas: long side in pixels at which the detector looks at the padded picture.
        shrunk: share of its faces that are shrunk and enlarged again, besides those that harm shrinks anyway.
    """

    weight: float
    held_out: float = 0.0
    group: str = "id"
    padding: float = 0.0
    canvas: int = 256
    shrunk: float = 0.0


SOURCES: Final[Mapping[str, SourceSettings]] = {
    "utkface": SourceSettings(1.8, padding=0.2, canvas=224),
    "fer2013": SourceSettings(3.0, held_out=0.08, padding=0.25, canvas=160),
    "celeba_wild": SourceSettings(1.2, held_out=0.08, group="identity", canvas=320),
    "celeba10k": SourceSettings(1.2, held_out=0.08, group="identity", padding=0.1, canvas=160),
    "ffhq": SourceSettings(2.0, held_out=0.15, canvas=256),
    "mask_chandrikadeb": SourceSettings(2.0, padding=0.1, canvas=224, shrunk=0.4),
    "mask_prajnasb": SourceSettings(1.0, held_out=0.05, padding=0.1, canvas=224, shrunk=0.4),
    "mask_maskedfacenet": SourceSettings(1.0, held_out=0.05, padding=0.1, canvas=224, shrunk=0.4),
    "mebeauty": SourceSettings(3.0, canvas=256),
    "udacity_ytf68": SourceSettings(2.5, held_out=0.1, group="identity", canvas=192),
}


@dataclass(frozen=True, slots=True)
class Boost:
    """Faces whose `label` lies in `low..high` are drawn `factor` times as often: what is rare must be seen too."""

    label: str
    low: float
    high: float
    factor: float


BOOSTS: Final = (
    Boost("glasses", 1.0, 1.0, 1.5),
    Boost("glasses", 2.0, 2.0, 2.5),
    Boost("hat", 1.0, 1.0, 1.5),
    Boost("age", 1.0, 12.0, 1.4),
    Boost("age", 55.0, 120.0, 1.5),
)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """One run. `epoch` means: as many faces as the weighted sum of all sets.

    Attributes:
        harm: how many faces are harmed, see `training.augmentation.augment`.
        gentle_from: share of the schedule after which fewer faces are harmed, as what is served is mostly clean.
        gentle_harm: how many of them then.
        compiled: translate the network by a C++ compiler first; a step takes a quarter less time.
        minutes_max: end the whole schedule after this long, however far it has come: the learning rate follows the
            larger share of steps or of time. Without it a run depends on the seed alone.
        mixed: share of the faces over which another is laid where there are teachers.
        labels_beside_lessons: how much the labels of a head that is taught count then, against what the teachers say.
    """

    seed: int = 20
    epochs: int = 24
    batch: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    warmup: float = 0.05
    harm: float = 0.5
    gentle_from: float = 0.6
    gentle_harm: float = 0.35
    ema_decay: float = 0.998
    threads: int = 1
    compiled: bool = False
    minutes_max: float | None = None
    mixed: float = 0.5
    labels_beside_lessons: float = 0.25
    loss_weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "gender": 2.0,
            "age": 1.0,
            "emotion": 2.0,
            "mouth": 1.0,
            "beard": 1.0,
            "hat": 1.0,
            "mask": 2.0,
            "glasses": 1.0,
            "attractive": 1.0,
            "pose": 1.0,
            "sharpness": 1.0,
            "clarity": 1.0,
            "celeba": 1.5,
            "points": 1.0,
        }
    )

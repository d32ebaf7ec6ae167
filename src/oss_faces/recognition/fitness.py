"""Which faces are fit to be matched, and why another one is not. Pure: it sees what was measured, and no picture.

A face that is not fit gives a vector all the same, and that vector lies somewhere: near nobody, or near the wrong one.
It is better refused with the reason, so that somebody can take a better picture.
"""

import enum
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.values import Face, Label


class Flaw(enum.StrEnum):
    """Why a face is not fit."""

    TOO_SMALL = "too small"
    BLURRED = "blurred"
    TURNED = "turned"
    HIDDEN = "hidden"
    POOR = "poor"


ADVICE: Final = MappingProxyType(
    {
        Flaw.TOO_SMALL: "too few pixels: go nearer, or take a larger picture",
        Flaw.BLURRED: "blurred: hold still, focus on the face",
        Flaw.TURNED: "turned away: look towards the camera",
        Flaw.HIDDEN: "hidden: take off mask and sunglasses",
        Flaw.POOR: "of low quality: put light on the face, and nothing before it",
    }
)


@dataclass(frozen=True, slots=True)
class FitnessSettings:
    """What a face must be like to be enrolled and matched. What was not measured (`analysis.omit`) is not asked for.

    Attributes:
        side_min: shorter side of the box in pixels of the picture.
        sharpness_min: 0 to 1.
        yaw_max: degrees away from the camera, to either side.
        pitch_max: the same up and down.
        hidden_max: confidence, from 0.5 to 1, above which a mask or sunglasses are believed; 1 lets them pass.
        quality_min: 0 to 1.
    """

    side_min: int = 24
    sharpness_min: float = 0.4
    yaw_max: float = 45.0
    pitch_max: float = 30.0
    hidden_max: float = 0.7
    quality_min: float = 0.4

    def validate(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        if not 1 <= self.side_min <= 10_000:
            raise ConfigurationError("fitness.side_min must lie between 1 and 10000")
        for name in ("yaw_max", "pitch_max"):
            if not 1 <= getattr(self, name) <= 180:
                raise ConfigurationError(f"fitness.{name} must lie between 1 and 180")
        if not 0.5 <= self.hidden_max <= 1:
            raise ConfigurationError("fitness.hidden_max must lie between 0.5 and 1")
        for name in ("sharpness_min", "quality_min"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigurationError(f"fitness.{name} must lie between 0 and 1")


def flaws(face: Face, settings: FitnessSettings) -> tuple[Flaw, ...]:
    """Tell everything that is wrong with a face, worst first; nothing when it is fit."""
    found = [
        flaw
        for flaw, is_wrong in (
            (Flaw.TOO_SMALL, min(face.box.width, face.box.height) < settings.side_min),
            (Flaw.HIDDEN, _is_hidden(face, settings.hidden_max)),
            (Flaw.TURNED, _is_turned(face, settings)),
            (Flaw.BLURRED, face.sharpness is not None and face.sharpness < settings.sharpness_min),
        )
        if is_wrong
    ]
    if not found and face.quality is not None and face.quality < settings.quality_min:
        found.append(Flaw.POOR)
    return tuple(found)


def _is_turned(face: Face, settings: FitnessSettings) -> bool:
    return face.pose is not None and (
        abs(face.pose.yaw) > settings.yaw_max or abs(face.pose.pitch) > settings.pitch_max
    )


def _is_hidden(face: Face, hidden_max: float) -> bool:
    return _surely(face.mask, "mask") > hidden_max or _surely(face.glasses, "sunglasses") > hidden_max


def _surely(label: Label | None, value: str) -> float:
    """Tell how surely this value was seen; 0 when another was, or nothing was measured."""
    return label.confidence if label is not None and label.value == value else 0.0

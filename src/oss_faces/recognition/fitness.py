"""Which faces are fit to be matched, and why another one is not. Pure: it sees what was measured, and no picture.

A face that is not fit gives a vector all the same, and that vector lies somewhere: near nobody, or near the wrong one.
It is better refused with the reason, so that somebody can take a better picture.
"""

import enum
from types import MappingProxyType
from typing import Final

from oss_faces.recognition.settings import FitnessSettings
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

"""What the numbers of the network mean. The network's own file holds the calibration: these are final numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import CropFrame
from oss_faces.values import EXPRESSION_NAMES, Age, Emotion, HeadPose, Label

INPUT: Final = "crops"
# Outputs in the order in which the network declares them; the card beside the network tells shapes and meaning.
OUTPUTS: Final = (
    "gender",
    "age",
    "emotion",
    "mouth",
    "beard",
    "hat",
    "mask",
    "glasses",
    "attractive",
    "pose",
    "sharpness",
    "quality",
)
EMOTIONS: Final = EXPRESSION_NAMES
GLASSES: Final = ("none", "glasses", "sunglasses")
# What each yes-or-no output says above and below one half.
SIDES: Final = {
    "gender": ("male", "female"),
    "mouth": ("open", "close"),
    "beard": ("beard", "none"),
    "hat": ("hat", "none"),
    "mask": ("mask", "none"),
}
# How much of the sharpness is lost where JPEG has left nothing but the mean of each block; our choice.
COMPRESSION_WEIGHT: Final = 0.9

Row = Mapping[str, NDArray[np.float32]]


def rows_of(outputs: Sequence[NDArray[np.float32]]) -> list[Row]:
    """Split the outputs of one run into one mapping per face: output name to (size,) numbers."""
    assert len(outputs) == len(OUTPUTS), "the network has other outputs than this code"
    named = dict(zip(OUTPUTS, outputs, strict=True))
    return [{name: values[place] for name, values in named.items()} for place in range(len(outputs[0]))]


def attributes_of(row: Row, frame: CropFrame, compression_loss: float) -> dict[str, Any]:
    """Name every attribute of one face: field of `values.Face` to its value.

    Args:
        compression_loss: share of the detail that JPEG has thrown away, see `analysis.compression`.
    """
    found: dict[str, Any] = {name: _label(row, name) for name in SIDES}
    found["age"] = Age(float(row["age"][0]), float(row["age"][1]))
    found["emotion"] = Emotion(dict(zip(EMOTIONS, (float(share) for share in row["emotion"]), strict=True)))
    kind = int(np.argmax(row["glasses"]))
    found["glasses"] = Label(GLASSES[kind], float(row["glasses"][kind]))
    found["pose"] = _pose(row, frame)
    found["attractive"] = float(row["attractive"][0])
    found["sharpness"] = float(row["sharpness"][0]) * (1.0 - COMPRESSION_WEIGHT * compression_loss)
    found["quality"] = float(row["quality"][0])
    return found


def _label(row: Row, name: str) -> Label:
    share, (above, below) = float(row[name][0]), SIDES[name]
    return Label(above, share) if share >= 0.5 else Label(below, 1.0 - share)


def _pose(row: Row, frame: CropFrame) -> HeadPose:
    """Angles in the picture: the crop was turned by the frame's angle, the network saw the rest of the roll."""
    pitch, yaw, rest = (float(angle) for angle in row["pose"])
    roll = (float(np.rad2deg(frame.angle)) + rest + 180.0) % 360.0 - 180.0
    return HeadPose(float(np.clip(pitch, -180, 180)), float(np.clip(yaw, -180, 180)), roll)

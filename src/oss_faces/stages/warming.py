"""The first look of a worker, at nothing."""

from typing import Final

import numpy as np

from oss_faces.stages.calls import Stages
from oss_faces.values import Detections, Image, ImageSize

_SIZE: Final = ImageSize(640, 480)
# A face that is not there: what describes faces is asked, too.
_FACE: Final = Detections(
    np.array([[240, 160, 400, 320]], np.float32),
    np.ones(1, np.float32),
    np.array([[[280, 220], [360, 220], [320, 250], [290, 285], [350, 285]]], np.float32),
)


def warm_up(stages: Stages) -> None:
    """Look at a grey picture once, so that the first that is asked about takes no longer than the others.

    Engines take their memory at the first run of a network, and libraries load what they put off.

    Raises:
        EngineFailed: a network could not be run.
    """
    grey = Image(np.full((_SIZE.height, _SIZE.width, 3), 127, np.uint8), _SIZE, "jpeg")
    stages.faces.detector.detect(grey)
    stages.faces.analyser.analyse(grey, _FACE)

import numpy as np

from oss_faces.detection import FixedDetector
from oss_faces.values import Detections, Image, ImageSize


def test_fixed_detector_sees_what_it_was_given():
    """The same faces for every picture."""
    faces = Detections(np.ones((1, 4), np.float32), np.ones(1, np.float32), np.ones((1, 5, 2), np.float32))
    image = Image(np.zeros((1, 1, 3), np.uint8), ImageSize(1, 1), "png")
    assert FixedDetector(faces).detect(image) is faces

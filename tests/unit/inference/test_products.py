"""The engine multiplies whole numbers; that it does so exactly is tested with the codes of vectors."""

import numpy as np
import pytest

from oss_faces.errors import EngineFailed
from oss_faces.inference import IntegerProducts


def test_rows_are_multiplied_with_rows() -> None:
    """A small product, as by hand."""
    first = np.array([[1, 2, 3], [255, 0, 255]], np.uint8)
    second = np.array([[1, 1, 1], [-64, 5, 64]], np.int8)
    assert IntegerProducts()(first, second).tolist() == [[6, 138], [510, 0]]


def test_rows_of_unlike_length() -> None:
    """What cannot be multiplied is an error of the engine, not a crash."""
    with pytest.raises(EngineFailed):
        IntegerProducts()(np.zeros((1, 3), np.uint8), np.zeros((1, 4), np.int8))

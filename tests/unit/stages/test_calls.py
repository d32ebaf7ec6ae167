"""Calls that travel: what becomes of a lack of memory, and that they can be handed over."""

import pickle

import numpy as np
import pytest

from oss_faces.analysis import FixedAnalyser
from oss_faces.detection import FixedDetector
from oss_faces.errors import ImageTooLarge, OssFacesError, PictureTooLarge
from oss_faces.pipeline import FacePipeline
from oss_faces.protocol import resolve_process
from oss_faces.recognition import FixedEmbedder
from oss_faces.stages import (
    DescribeFaces,
    DescribeFile,
    EditFile,
    EmbedFaces,
    EmbedLargest,
    FindFaces,
    Stages,
)
from oss_faces.values import Detections, Image

EDITS = resolve_process("image/resize,w_10/rotate,90").edits


class FullEditor:
    """An editor for which the memory never suffices."""

    def describe(self, _content: bytes) -> None:
        raise MemoryError

    def edit(self, _content: bytes, _edits: object) -> None:
        raise MemoryError

    def faces_decoder(self, _edits: object):
        return full


def full(content: bytes) -> Image:
    raise MemoryError


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (FindFaces(), ImageTooLarge),
        (FindFaces(EDITS), ImageTooLarge),
        (DescribeFaces(), ImageTooLarge),
        (EmbedLargest(), ImageTooLarge),
        (EmbedFaces(np.zeros((1, 5, 2), np.float32)), ImageTooLarge),
        (DescribeFile(), PictureTooLarge),
        (EditFile(EDITS), PictureTooLarge),
    ],
)
def test_a_lack_of_memory_is_a_picture_that_is_too_large(call, error: type[OssFacesError]) -> None:
    """In the words of each operation, and not as a defect of ours."""
    faces = FacePipeline(full, FixedDetector(Detections.empty()), FixedAnalyser(), ("m@1",))
    with pytest.raises(error) as caught:
        call.do(Stages(faces, FixedEmbedder(), FullEditor()), b"picture")
    assert caught.value.context == {"limit": "memory"}


@pytest.mark.parametrize("call", [FindFaces(EDITS), DescribeFaces(), EmbedLargest(), DescribeFile(), EditFile(EDITS)])
def test_a_call_is_the_same_elsewhere(call) -> None:
    """With its edits, whatever steps they are made of."""
    assert pickle.loads(pickle.dumps(call)) == call  # noqa: S301  written here

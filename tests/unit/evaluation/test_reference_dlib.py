import importlib
import sys
import types

import numpy as np
import pytest

from evaluation.export_recognition import main
from oss_faces.inference import CHIPS, OnnxSession


@pytest.fixture
def framed(monkeypatch):
    """The one part that needs no dlib, which is absent here."""
    monkeypatch.setitem(sys.modules, "dlib", types.ModuleType("dlib"))
    monkeypatch.delitem(sys.modules, "evaluation.reference_dlib", raising=False)
    return importlib.import_module("evaluation.reference_dlib").framed


def test_copy_of_the_network_is_a_file(tmp_path):
    """What a server loads lies in the file, for a program that knows nothing of this project."""
    main(["--out", str(tmp_path / "new" / "dlib.onnx")])
    [vectors] = OnnxSession((tmp_path / "new" / "dlib.onnx").read_bytes()).run(
        {CHIPS: np.zeros((1, 150, 150, 3), np.uint8)}
    )
    assert vectors.shape == (1, 128)


def test_our_boxes_are_framed_as_dlib_frames_faces(framed):
    """Squares with the median shift and size of the faces that both found, also where dlib found none."""
    ours = np.array([[0, 0, 40, 100], [100, 100, 140, 200], [0, 0, 20, 50]], float)
    own = np.array([[-20, 30, 60, 110], [80, 130, 160, 210], [np.nan] * 4])
    assert framed(ours, own) == pytest.approx(np.array([[-20, 30, 60, 110], [80, 130, 160, 210], [-10, 15, 30, 55]]))


def test_face_that_we_did_not_find_stays_unknown(framed):
    """No box of ours, no frame."""
    ours = np.array([[0, 0, 40, 100], [np.nan] * 4])
    assert np.isnan(framed(ours, np.array([[0, 0, 80, 80]] * 2, float))[1]).all()

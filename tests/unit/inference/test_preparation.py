import onnx
import pytest

from oss_faces.inference import CENTERFACE, ModelSettings, prepare_centerface, read_model


@pytest.fixture(scope="module")
def original() -> bytes:
    return read_model(CENTERFACE, ModelSettings())


def test_preparation_frees_the_picture_size(original):
    """The input is bytes of any height and width; the original's was fixed."""
    prepared = onnx.load_from_string(prepare_centerface(original))
    [image] = prepared.graph.input
    shape = [axis.dim_param or axis.dim_value for axis in image.type.tensor_type.shape.dim]
    assert (image.name, shape) == ("image", [1, "height", "width", 3])
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8


def test_preparation_repeats_to_the_byte(original):
    """The same origin gives the same network."""
    assert prepare_centerface(original) == prepare_centerface(original)


def test_prepared_network_is_valid(original):
    """Nothing is left over that a checker would object to."""
    prepared = onnx.load_from_string(prepare_centerface(original))
    onnx.checker.check_model(prepared)
    used = {name for node in prepared.graph.node for name in node.input}
    assert all(tensor.name in used for tensor in prepared.graph.initializer)

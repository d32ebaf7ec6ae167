import numpy as np
import onnx
import pytest
from PIL import Image as Pillow

from oss_faces.errors import ModelUnavailable
from oss_faces.inference import (
    CENTERFACE,
    ModelSettings,
    OnnxSession,
    Ranges,
    centerface_ranges,
    prepare_centerface,
    prepare_scout,
    read_model,
    scout_spec,
)
from tests.running import portrait

MODELS = ModelSettings()
RANGES = centerface_ranges(CENTERFACE.sha256)
# The most that a score may change by rounding to bytes, on a picture on which it was not chosen.
SCORE_TOLERANCE = 0.1


@pytest.fixture(scope="module")
def original() -> bytes:
    return read_model(CENTERFACE, MODELS)


@pytest.fixture(scope="module")
def canvas() -> np.ndarray:
    return np.asarray(Pillow.open(portrait()).convert("RGB").resize((256, 192)))


def plain_answer(original: bytes, canvas: np.ndarray) -> list[np.ndarray]:
    """Ask the network as its authors wrote it: planes of floating point, one size."""
    model = onnx.load_from_string(original)
    weights = {tensor.name for tensor in model.graph.initializer}
    [image] = [value for value in model.graph.input if value.name == "input.1"]
    assert "input.1" not in weights
    del model.graph.input[:]
    shape = [1, 3, *canvas.shape[:2]]
    model.graph.input.append(onnx.helper.make_tensor_value_info(image.name, onnx.TensorProto.FLOAT, shape))
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    planes = canvas.astype(np.float32).transpose(2, 0, 1)[None]
    return OnnxSession(model.SerializeToString()).run({"input.1": planes})


@pytest.mark.parametrize("ranges", [RANGES, {}], ids=["whole numbers", "floating point"])
def test_preparation_frees_the_picture_size(original: bytes, ranges: Ranges):
    """The input is bytes of any height and width; the original's was fixed."""
    prepared = onnx.load_from_string(prepare_centerface(original, ranges))
    [image] = prepared.graph.input
    shape = [axis.dim_param or axis.dim_value for axis in image.type.tensor_type.shape.dim]
    assert (image.name, shape) == ("image", ["count", "height", "width", 3])
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8


def test_preparation_repeats_to_the_byte(original):
    """The same origin gives the same network."""
    assert prepare_centerface(original, RANGES) == prepare_centerface(original, RANGES)


@pytest.mark.parametrize("ranges", [RANGES, {}], ids=["whole numbers", "floating point"])
def test_prepared_network_is_valid(original, ranges: Ranges):
    """Nothing is left over that a checker would object to."""
    prepared = onnx.load_from_string(prepare_centerface(original, ranges))
    onnx.checker.check_model(prepared)
    used = {name for node in prepared.graph.node for name in node.input}
    assert all(tensor.name in used for tensor in prepared.graph.initializer)


def test_floating_point_answers_as_the_original(original, canvas):
    """The other way of reading bytes and of enlarging sums the same products."""
    prepared = OnnxSession(prepare_centerface(original, {})).run({"image": canvas[None]})
    for ours, theirs in zip(prepared, plain_answer(original, canvas), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_whole_numbers_change_scores_little(original, canvas):
    """The face scores nearly as before, nothing else becomes one, and the file shrinks to under a third."""
    content = prepare_centerface(original, RANGES)
    scores, exact = OnnxSession(content).run({"image": canvas[None]})[0], plain_answer(original, canvas)[0]
    assert exact.max() > 0.7
    assert np.abs(scores - exact).max() < SCORE_TOLERANCE
    assert len(content) < len(original) / 3


def test_most_convolutions_work_in_whole_numbers(original):
    """All but the first five and the four heads have weights of seven bits."""
    graph = onnx.load_from_string(prepare_centerface(original, RANGES)).graph
    whole = [tensor for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    weights = [tensor for tensor in whole if len(tensor.dims) == 4]
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) - len(weights) == 5 + 4
    assert all(np.abs(onnx.numpy_helper.to_array(tensor)).max() <= 63 for tensor in weights)


def test_scout_answers_as_before(canvas):
    """The same network reads bytes as they lie: odd sizes and the picture's edges included."""
    original = read_model(scout_spec(MODELS), MODELS)
    odd = np.ascontiguousarray(canvas[None, :91, :77])
    before, after = (OnnxSession(content).run({"image": odd})[0] for content in (original, prepare_scout(original)))
    assert before.max() > 0.01
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_ranges_of_another_network_are_refused():
    """Steps that were measured on other weights would give nonsense, quietly."""
    with pytest.raises(ModelUnavailable, match="another network"):
        centerface_ranges("0" * 64)

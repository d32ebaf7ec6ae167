import numpy as np
import onnx
import pytest

from oss_faces.analysis.reading import INPUT, OUTPUTS
from oss_faces.errors import ModelUnavailable
from oss_faces.inference import ModelSettings, OnnxSession, attributes_spec, prepare_attributes, read_model, scout_spec

MODELS = ModelSettings()
# Read from the mean of the first map, which is rounded for each column of the pairs.
ROUNDED = ("sharpness", "quality")


@pytest.fixture(scope="module")
def original() -> bytes:
    return read_model(attributes_spec(MODELS), MODELS)


def faces_like(seed: int) -> dict[str, np.ndarray]:
    """Smooth crops with noise: values differ from pixel to pixel up to every edge."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 200, (5, 14, 14, 3)).repeat(8, axis=1).repeat(8, axis=2)
    crops = (coarse + random.integers(0, 56, coarse.shape)).astype(np.uint8)
    return {INPUT: crops}


def test_the_arranged_network_answers_as_its_file(original):
    """The same products are summed: equal to the last bit, but for the two answers that the mean is rounded for."""
    looks = faces_like(1)
    plain, arranged = (OnnxSession(content).run(looks) for content in (original, prepare_attributes(original)))
    for name, one, other in zip(OUTPUTS, plain, arranged, strict=True):
        if name in ROUNDED:
            np.testing.assert_allclose(other, one, atol=3e-3, err_msg=name)
        else:
            np.testing.assert_array_equal(other, one, err_msg=name)


def test_no_convolution_sees_three_channels(original):
    """What the engines are slow with is gone, and what goes in and comes out is called as before."""
    before, after = (onnx.load_from_string(content).graph for content in (original, prepare_attributes(original)))
    assert list(after.input) == list(before.input)
    assert [output.name for output in after.output] == [output.name for output in before.output]
    weights = {tensor.name: tensor.dims for tensor in after.initializer if len(tensor.dims) == 4}
    assert len(weights) == 14
    assert min(dims[1] for dims in weights.values()) == 12


def without_its_pooling(model: onnx.ModelProto) -> None:
    kept = [node for node in model.graph.node if node.op_type != "GlobalAveragePool"]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def with_means_in_another_order(model: onnx.ModelProto) -> None:
    [means] = [node for node in model.graph.node if node.op_type == "Concat" and len(node.input) == 4]
    means.input[:] = [*means.input[1:], means.input[0]]


def with_a_wider_step(model: onnx.ModelProto) -> None:
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    next(attribute for attribute in first.attribute if attribute.name == "strides").ints[:] = [4, 4]


@pytest.mark.parametrize("changed", [without_its_pooling, with_means_in_another_order, with_a_wider_step])
def test_a_network_of_another_form_is_refused(original, changed):
    """What would be arranged wrongly is not arranged at all, and the start says why it ends."""
    model = onnx.load_from_string(original)
    changed(model)
    with pytest.raises(ModelUnavailable, match="another form"):
        prepare_attributes(model.SerializeToString())


def test_another_network_is_refused():
    """Neither is a network of which only the file name is right."""
    with pytest.raises(ModelUnavailable, match="another form"):
        prepare_attributes(read_model(scout_spec(MODELS), MODELS))

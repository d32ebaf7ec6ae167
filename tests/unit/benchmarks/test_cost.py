import numpy as np
from onnx import TensorProto, helper, numpy_helper

from benchmarks.cost import multiply_adds


def _model(*nodes, weights: dict) -> bytes:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    held = [numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights.items()]
    return helper.make_model(helper.make_graph(list(nodes), "g", [given], [output], held)).SerializeToString()


def test_a_convolution_is_counted_by_hand():
    """Every output needs a product for every weight of its filter; without margin 8 x 8 become 6 x 6."""
    model = _model(helper.make_node("Conv", ["x", "w"], ["y"]), weights={"w": (5, 3, 3, 3)})
    assert multiply_adds(model, (1, 3, 8, 8)) == 6 * 6 * 5 * 27


def test_what_is_no_product_costs_nothing():
    """Only convolutions and matrix products are counted."""
    assert multiply_adds(_model(helper.make_node("Relu", ["x"], ["y"]), weights={}), (1, 3, 8, 8)) == 0

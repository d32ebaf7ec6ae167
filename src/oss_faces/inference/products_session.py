from typing import Final

from onnx import TensorProto, helper

from oss_faces.inference.session import OnnxSession

_OPSET: Final = 17
_IR_VERSION: Final = 8


def open_products() -> OnnxSession:
    """Open a network that multiplies (N, D) uint8 `first` with (D, Q) int8 `second`: (N, Q) int32."""
    return OnnxSession(_graph())


def _graph() -> bytes:
    first = helper.make_tensor_value_info("first", TensorProto.UINT8, ["n", "d"])
    second = helper.make_tensor_value_info("second", TensorProto.INT8, ["d", "q"])
    products = helper.make_tensor_value_info("products", TensorProto.INT32, ["n", "q"])
    node = helper.make_node("MatMulInteger", ["first", "second"], ["products"])
    graph = helper.make_graph([node], "products", [first, second], [products])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    serialised: bytes = model.SerializeToString()
    return serialised

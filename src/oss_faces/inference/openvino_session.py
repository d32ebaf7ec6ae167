"""OpenVINO behind the one interface. The package is the extra `openvino`; this is the one module that imports it."""

import importlib
import os
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.errors import ConfigurationError, EngineFailed, ModelUnavailable
from oss_faces.inference.settings import BFLOAT16, FLOAT32

_TELEMETRY: Final = "openvino_telemetry"
_HINTS: Final = {FLOAT32: "f32", BFLOAT16: "bf16"}


class OpenVinoSession:
    """A network in OpenVINO, one thread a call: throughput comes from parallel calls.

    Args:
        model: an ONNX file.
        device: as OpenVINO names it: `CPU`, `GPU`, `GPU.1`, `NPU`.
        precision: of sums and products: `float32`, or `bfloat16`, which only some processors are fast with.

    Raises:
        ConfigurationError: OpenVINO is not installed, or the device is not there.
        ModelUnavailable: the network cannot be loaded.
    """

    def __init__(self, model: bytes, *, device: str = "CPU", precision: str = FLOAT32) -> None:
        engine = load_openvino()
        core = engine.Core()
        if device not in core.available_devices:
            there = ", ".join(core.available_devices) or "none"
            raise ConfigurationError(f"inference.device: OpenVINO finds no device {device!r}; there are: {there}")
        try:
            self._compiled: Any = core.compile_model(core.read_model(model), device, _options(device, precision))
        except Exception as exc:  # the library raises its own untyped exceptions
            raise ModelUnavailable(f"The inference engine cannot load the network: {exc}") from exc
        self._inputs = {port.any_name: np.dtype(port.element_type.to_dtype()) for port in self._compiled.inputs}
        self._outputs = len(self._compiled.outputs)
        # A request holds its own memory and serves one call at a time: as many are made as calls ever met.
        self._idle: deque[Any] = deque()

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Compute all outputs; see `Session.run`."""
        given = {name: array.dtype for name, array in inputs.items()}
        if given != self._inputs:
            # It would take numbers of another kind for its own, and a missing picture for the one before.
            raise EngineFailed(context={"engine": "openvino", "reason": f"asked with {given}, not {self._inputs}"})
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            request.infer({name: np.ascontiguousarray(array) for name, array in inputs.items()})
            return [np.array(request.get_output_tensor(place).data) for place in range(self._outputs)]
        except Exception as exc:  # the library raises its own untyped exceptions
            raise EngineFailed(context={"engine": "openvino", "reason": str(exc)}) from exc
        finally:
            self._idle.append(request)


def computes_in_bfloat16(device: str) -> bool:
    """Tell whether OpenVINO names bfloat16 among what a device can do well.

    Raises:
        ConfigurationError: OpenVINO is not installed.
    """
    return "BF16" in load_openvino().Core().get_property(device, "OPTIMIZATION_CAPABILITIES")


def load_openvino() -> Any:
    """Import OpenVINO without the part that reports its use.

    Its converter reports the import, and leaves an identifier in the home folder. Where the reporting package is
    missing it does without, so that is what it finds.

    Raises:
        ConfigurationError: it is not installed.
    """
    if "openvino" not in sys.modules and _TELEMETRY not in sys.modules:
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # how Python says that there is no such module
    try:
        # An extra without type information; and half a second, which only those spend who use it.
        return importlib.import_module("openvino")
    except ImportError as exc:
        raise ConfigurationError(
            "inference.engine: OpenVINO is not installed; install the extra with `pip install 'oss-faces[openvino]'`"
        ) from exc


def _options(device: str, precision: str) -> dict[str, Any]:
    # Left to itself it takes 16 bit floats where the processor is fast with them, and answers differ.
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": _HINTS[precision]}
    if device == "CPU":
        processors = len(os.sched_getaffinity(0))
        # One stream for each processor, each of one thread: a stream serves one call at a time.
        options |= {"NUM_STREAMS": processors, "INFERENCE_NUM_THREADS": processors}
    return options

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
from oss_faces.inference.often import OftenAsked, OftenLimits, Shapes
from oss_faces.inference.settings import BFLOAT16, FLOAT32

_TELEMETRY: Final = "openvino_telemetry"
_HINTS: Final = {FLOAT32: "f32", BFLOAT16: "bf16"}
_CPU: Final = "CPU"
# Larger inputs gain nothing by a plan of their own, which would hold about a hundred times their size in memory:
# eight faces seen twice, and the canvas of a closer look, are smaller; the overview is larger.
_PLANNED_BYTES_MAX: Final = 640 * 1024


class OpenVinoSession:
    """A network in OpenVINO, one thread a call: throughput comes from parallel calls.

    Where sizes are free, a tenth to a third of a call on a small input goes into finding out what they are. So on a
    processor the network is compiled once more for shapes that come often. The answers are the same to the last bit.

    Args:
        model: an ONNX file.
        device: as OpenVINO names it: `CPU`, `GPU`, `GPU.1`, `NPU`.
        precision: of sums and products: `float32`, or `bfloat16`, which only some processors are fast with.
        often: which shapes come often.

    Raises:
        ConfigurationError: OpenVINO is not installed, or the device is not there.
        ModelUnavailable: the network cannot be loaded.
    """

    def __init__(
        self,
        model: bytes,
        *,
        device: str = _CPU,
        precision: str = FLOAT32,
        often: OftenLimits = OftenLimits(),  # noqa: B008  frozen, so nobody can change it for others
    ) -> None:
        engine = load_openvino()
        self._core = core = engine.Core()
        if device not in core.available_devices:
            there = ", ".join(core.available_devices) or "none"
            raise ConfigurationError(f"inference.device: OpenVINO finds no device {device!r}; there are: {there}")
        self._device, self._options = device, _options(device, precision)
        try:
            self._network: Any = core.read_model(model)
            self._any = _Compiled(core.compile_model(self._network, device, self._options))
        except Exception as exc:  # the library raises its own untyped exceptions
            raise ModelUnavailable(f"The inference engine cannot load the network: {exc}") from exc
        self._inputs = self._any.inputs
        self._often: OftenAsked[_Compiled] = OftenAsked(self._compile, often)

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Compute all outputs; see `Session.run`."""
        given = {name: array.dtype for name, array in inputs.items()}
        if given != self._inputs:
            # It would take numbers of another kind for its own, and a missing picture for the one before.
            raise EngineFailed(context={"engine": "openvino", "reason": f"asked with {given}, not {self._inputs}"})
        try:
            planned = self._often.find(_shapes(inputs)) if self._is_planned(inputs) else None
            return (planned or self._any).run(inputs)
        except Exception as exc:  # the library raises its own untyped exceptions
            raise EngineFailed(context={"engine": "openvino", "reason": str(exc)}) from exc

    def plan(self, inputs: Mapping[str, NDArray[Any]]) -> None:
        """Take the shapes of these inputs for often asked: what a trial must do to judge what will be served.

        Raises:
            EngineFailed: the network does not take such inputs.
        """
        if self._is_planned(inputs):
            try:
                self._often.add(_shapes(inputs))
            except Exception as exc:  # the library raises its own untyped exceptions
                raise EngineFailed(context={"engine": "openvino", "reason": str(exc)}) from exc

    def _is_planned(self, inputs: Mapping[str, NDArray[Any]]) -> bool:
        return self._device == _CPU and sum(array.nbytes for array in inputs.values()) <= _PLANNED_BYTES_MAX

    def _compile(self, shapes: Shapes) -> "_Compiled":
        network = self._network.clone()
        network.reshape({name: list(shape) for name, shape in shapes})
        return _Compiled(self._core.compile_model(network, self._device, self._options))


class _Compiled:
    """A compiled network, and the requests that calls to it take in turn.

    A request holds its own memory and serves one call at a time: as many are made as calls ever met.
    """

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._outputs = len(compiled.outputs)
        self._idle: deque[Any] = deque()
        self.inputs = {port.any_name: np.dtype(port.element_type.to_dtype()) for port in compiled.inputs}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            # Read where they lie: the caller waits, and nobody writes there meanwhile.
            request.infer({name: np.ascontiguousarray(array) for name, array in inputs.items()}, share_inputs=True)
            return [np.array(request.get_output_tensor(place).data) for place in range(self._outputs)]
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


def _shapes(inputs: Mapping[str, NDArray[Any]]) -> Shapes:
    return tuple((name, array.shape) for name, array in sorted(inputs.items()))


def _options(device: str, precision: str) -> dict[str, Any]:
    # Left to itself it takes 16 bit floats where the processor is fast with them, and answers differ.
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": _HINTS[precision]}
    if device == _CPU:
        processors = len(os.sched_getaffinity(0))
        # One stream for each processor, each of one thread: a stream serves one call at a time.
        options |= {"NUM_STREAMS": processors, "INFERENCE_NUM_THREADS": processors}
    return options

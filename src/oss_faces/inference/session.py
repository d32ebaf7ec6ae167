"""ONNX Runtime behind the one interface of the engines."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oss_faces.errors import ConfigurationError, EngineFailed, ModelUnavailable
from oss_faces.inference.settings import CPU_PROVIDER

# From version 1.29 on, ONNX Runtime reports its use to its maker, beginning with its import, and leaves an identifier
# in the folder for temporary files. Nothing may leave the house, so this is set before the import, and set always.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime  # this is the one module that imports it

# The stubs of onnxruntime leave out its public names.
_ENGINE: Any = onnxruntime


class OnnxSession:
    """ONNX Runtime, one thread a call: throughput comes from parallel calls.

    Args:
        model: an ONNX file.
        threads: that one call may use.
        providers: where it runs, the preferred first; what the first cannot do is done by the next.

    Raises:
        ConfigurationError: a provider is not there. Another one in its place would be slower without a word.
        ModelUnavailable: the network cannot be loaded.
    """

    def __init__(self, model: bytes, *, threads: int = 1, providers: Sequence[str] = (CPU_PROVIDER,)) -> None:
        _require(providers, _ENGINE.get_available_providers())
        options = _ENGINE.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Memory patterns and the arena only grow when shapes vary from picture to picture.
        options.enable_mem_pattern = False
        options.enable_cpu_mem_arena = False
        try:
            self._session = _ENGINE.InferenceSession(model, options, providers=list(providers))
        except Exception as exc:  # onnxruntime raises its own untyped exceptions
            raise ModelUnavailable(f"The inference engine cannot load the network: {exc}") from exc
        _require(providers, self._session.get_providers())
        self._outputs: Sequence[str] = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Compute all outputs; see `Session.run`."""
        try:
            return list(self._session.run(self._outputs, dict(inputs)))
        except Exception as exc:  # onnxruntime raises its own untyped exceptions
            raise EngineFailed(context={"engine": "onnxruntime", "reason": str(exc)}) from exc


def _require(wanted: Sequence[str], there: Sequence[str]) -> None:
    for name in wanted:
        if name not in there:
            raise ConfigurationError(
                f"inference.providers: ONNX Runtime cannot use {name!r} here; there are: {', '.join(there)}"
            )

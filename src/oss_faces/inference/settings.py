from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

AUTO: Final = "auto"
ONNXRUNTIME: Final = "onnxruntime"
OPENVINO: Final = "openvino"
CPU_PROVIDER: Final = "CPUExecutionProvider"
RECORD_FILE: Final = "engines.json"


@dataclass(frozen=True, slots=True)
class InferenceSettings:
    """What runs the networks.

    Attributes:
        engine: `onnxruntime`, `openvino` (an extra), or `auto`: the faster of those that are installed, tried once and
            kept in `engines.json` of the data folder. Their answers differ by little more than rounding, but a
            FigureId may be another one: servers of one cluster should name the same engine.
        device: of OpenVINO: `CPU`, `GPU`, `NPU`.
        providers: of ONNX Runtime, the preferred first, for instance
            `["CUDAExecutionProvider", "CPUExecutionProvider"]`. One that is not there ends the start.
        whole_numbers: whether the detector works in whole numbers: about three quarters of the time, boxes and points a
            little less exact, and other FigureIds.
    """

    engine: str = ONNXRUNTIME
    device: str = "CPU"
    providers: tuple[str, ...] = (CPU_PROVIDER,)
    whole_numbers: bool = False

    def validate(self) -> None:
        """Refuse what cannot be.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        if self.engine not in (AUTO, ONNXRUNTIME, OPENVINO):
            raise ConfigurationError(f"inference.engine must be {AUTO}, {ONNXRUNTIME} or {OPENVINO}")
        if not self.device:
            raise ConfigurationError("inference.device must not be empty")
        if not self.providers:
            raise ConfigurationError("inference.providers must not be empty")

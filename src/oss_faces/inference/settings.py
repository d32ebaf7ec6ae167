from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oss_faces.errors import ConfigurationError, ModelUnavailable

AUTO: Final = "auto"
ONNXRUNTIME: Final = "onnxruntime"
OPENVINO: Final = "openvino"
CPU_PROVIDER: Final = "CPUExecutionProvider"
RECORD_FILE: Final = "engines.json"
FLOAT32: Final = "float32"
BFLOAT16: Final = "bfloat16"
INT8: Final = "int8"


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
        precision: of the networks that find faces: `float32`; `bfloat16`, four fifths of the time with OpenVINO on
            processors with the instructions for it, boxes off by a fraction of a pixel; `int8`, the detector in whole
            numbers, about three quarters of the time with each engine, boxes and points off by more. All but the first
            give other FigureIds. `bfloat16` with `openvino` ends the start where the instructions are missing; with
            `auto` it is taken where it is faster and its answers are within the tolerance.
    """

    engine: str = ONNXRUNTIME
    device: str = "CPU"
    providers: tuple[str, ...] = (CPU_PROVIDER,)
    precision: str = FLOAT32

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
        if self.precision not in (FLOAT32, BFLOAT16, INT8):
            raise ConfigurationError(f"inference.precision must be {FLOAT32}, {BFLOAT16} or {INT8}")
        if self.precision == BFLOAT16 and (self.engine, self.device) not in ((OPENVINO, "CPU"), (AUTO, "CPU")):
            raise ConfigurationError(
                f"inference.precision {BFLOAT16} needs inference.engine {OPENVINO} or {AUTO} with the device CPU"
            )


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where model files are looked for.

    Attributes:
        folder: looked into first, by bare file name; for machines on which the packages' own files cannot be
            used. `None`: only the installed packages.
    """

    folder: Path | None = None

    def validate(self) -> None:
        """Check the values.

        Raises:
            ModelUnavailable: the folder does not exist.
        """
        if self.folder is not None and not self.folder.is_dir():
            raise ModelUnavailable(f"The model folder {self.folder} does not exist.")

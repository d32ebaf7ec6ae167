"""Which engine runs which network: the one that the settings name, or the one that was faster when it was tried."""

import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.inference.base import Session
from oss_faces.inference.openvino_session import OpenVinoSession, computes_in_bfloat16
from oss_faces.inference.probe import Probe
from oss_faces.inference.processor import bfloat16_instructions, processor_name
from oss_faces.inference.session import OnnxSession
from oss_faces.inference.settings import AUTO, BFLOAT16, FLOAT32, ONNXRUNTIME, OPENVINO, InferenceSettings
from oss_faces.inference.trials import Trial, compare_speed, keep_trial, noise_for, read_trials

# A gain smaller than this is within the noise of so short a trial.
_WORTHWHILE: Final = 0.95

_Candidate = tuple[str, str]
_PLAIN: Final[_Candidate] = (ONNXRUNTIME, FLOAT32)
_OTHER: Final[_Candidate] = (OPENVINO, FLOAT32)
_REDUCED: Final[_Candidate] = (OPENVINO, BFLOAT16)


def native_bfloat16() -> tuple[str, ...]:
    """List the instructions with which bfloat16 is fast here; none where OpenVINO would not use it by itself.

    Raises:
        ConfigurationError: OpenVINO is not installed.
    """
    instructions = bfloat16_instructions()
    return instructions if instructions and computes_in_bfloat16("CPU") else ()


class Engines:
    """Opens networks.

    Args:
        settings: which engine.
        record: file that keeps what trials found; its folder need not exist, then nothing is kept.
        clock: seconds, for trials.
        bfloat16: lists the instructions for it; none where it would be slower than floats of 32 bits.
    """

    def __init__(
        self,
        settings: InferenceSettings,
        record: Path,
        clock: Callable[[], float],
        bfloat16: Callable[[], tuple[str, ...]] = native_bfloat16,
    ) -> None:
        settings.validate()
        self._settings = settings
        self._record = record
        self._clock = clock
        self._bfloat16 = bfloat16

    def open(self, name_version: str, model: bytes, probe: Callable[[], Probe] | None = None) -> Session:
        """Load a network.

        Args:
            name_version: under which a trial is kept.
            model: an ONNX file whose inputs are bytes.
            probe: makes that of a network which may compute in bfloat16 where the settings ask for it; all others
                never do.

        Raises:
            ConfigurationError: the engine, its device or a provider is not there, or the processor has no instructions
                for the precision that was named together with the engine.
            ModelUnavailable: the network cannot be loaded.
        """
        is_reduced = probe is not None and self._settings.precision == BFLOAT16
        engine = self._settings.engine
        if engine == AUTO and importlib.util.find_spec(OPENVINO) is not None:
            return self._fastest(name_version, model, probe() if probe is not None and is_reduced else None)
        if engine != OPENVINO:
            return self._load(model, _PLAIN)
        if is_reduced and not self._bfloat16():
            raise ConfigurationError(
                f"inference.precision: this processor has no instructions for {BFLOAT16}, and would be slower with it"
            )
        return self._load(model, _REDUCED if is_reduced else _OTHER)

    def _load(self, model: bytes, candidate: _Candidate) -> Session:
        engine, precision = candidate
        if engine == ONNXRUNTIME:
            return OnnxSession(model, providers=self._settings.providers)
        return OpenVinoSession(model, device=self._settings.device, precision=precision)

    def _fastest(self, name_version: str, model: bytes, probe: Probe | None) -> Session:
        instructions = self._bfloat16() if probe is not None else ()
        conditions = self._conditions(instructions)
        trial = read_trials(self._record).get(name_version)
        if trial is not None and trial.conditions == conditions:
            return self._load(model, (trial.engine, trial.precision))
        candidates = (_PLAIN, _OTHER, _REDUCED) if instructions else (_PLAIN, _OTHER)
        sessions = {candidate: self._load(model, candidate) for candidate in candidates}
        inputs = probe.inputs if probe is not None else noise_for(model)
        for session in sessions.values():
            if isinstance(session, OpenVinoSession):
                session.plan(inputs)
        speeds = compare_speed(list(sessions.values()), inputs, self._clock)
        ratios = dict(zip(candidates, speeds, strict=True))
        differences: Mapping[str, float] = {}
        if probe is not None and instructions:
            differences = probe.differences(sessions[_PLAIN], sessions[_REDUCED])
            if not probe.allows(differences):
                candidates = (_PLAIN, _OTHER)
        engine, precision = taken = _choose([(candidate, ratios[candidate]) for candidate in candidates])
        told = {" ".join(candidate): round(ratio, 3) for candidate, ratio in ratios.items() if candidate != _PLAIN}
        rounded = {name: round(difference, 4) for name, difference in differences.items()}
        keep_trial(self._record, name_version, Trial(engine, precision, told, rounded, conditions))
        return sessions[taken]

    def _conditions(self, instructions: tuple[str, ...]) -> str:
        versions = [f"{name} {importlib.metadata.version(name)}" for name in (ONNXRUNTIME, OPENVINO)]
        settings = [self._settings.device, *self._settings.providers]
        return ", ".join([*versions, processor_name(), *settings, *instructions])


def _choose(ratios: list[tuple[_Candidate, float]]) -> _Candidate:
    """Take the first, unless one that comes later, whose answers are others, is faster by more than the noise."""
    taken, best = ratios[0]
    for candidate, ratio in ratios[1:]:
        if ratio < _WORTHWHILE * best:
            taken, best = candidate, ratio
    return taken

from dataclasses import dataclass, field
from pathlib import Path

from oss_faces.analysis.settings import AnalysisSettings
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.detection.settings import DetectionSettings
from oss_faces.imaging.settings import ImagingSettings
from oss_faces.inference.settings import RECORD_FILE, InferenceSettings, ModelSettings
from oss_faces.recognition.settings import RecognitionSettings


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What the work on pictures depends on; it can be handed to another process.

    Attributes:
        packs: folder of the recognition networks that were added.
        engines: file that keeps which engine was the faster one for each network.
    """

    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    imaging: ImagingSettings = field(default_factory=ImagingSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    packs: Path = Path("packs")
    engines: Path = Path(RECORD_FILE)

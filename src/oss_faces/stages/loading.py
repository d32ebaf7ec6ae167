"""Load and check the networks, and bind the stages. A worker process imports this, and little else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from oss_faces.analysis import AttributeAnalyser
from oss_faces.decoding import decode
from oss_faces.detection import CenterFaceDetector, detector_probe, scout_probe
from oss_faces.geometry import FloatArray
from oss_faces.inference import (
    CENTERFACE,
    DLIB_RECOGNITION,
    INT8,
    Engines,
    attributes_spec,
    centerface_ranges,
    prepare_attributes,
    prepare_centerface,
    prepare_dlib_recognition,
    prepare_scout,
    read_model,
    running_name,
    scout_spec,
)
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import (
    DLIB_ALIGNMENT,
    Calibration,
    Embedder,
    NetworkEmbedder,
    VectorSpace,
    load_pack,
)
from oss_faces.stages.calls import Stages
from oss_faces.stages.editor import PictureEditor
from oss_faces.stages.facts import DLIB_SPACE, face_models, open_pack, space_of
from oss_faces.stages.settings import StageSettings
from oss_faces.values import Image


def load_pipeline(settings: StageSettings) -> FacePipeline:
    """Load and check the networks that find and describe faces.

    Raises:
        ModelUnavailable: a model file is missing or changed.
        ConfigurationError: the engine of the settings is not there.
    """
    engines = _engines(settings)
    scout, attributes = scout_spec(settings.models), attributes_spec(settings.models)
    ranges = centerface_ranges(CENTERFACE.sha256) if settings.inference.precision == INT8 else {}
    centerface = prepare_centerface(read_model(CENTERFACE, settings.models), ranges)
    prepared = prepare_scout(read_model(scout, settings.models))
    detector = CenterFaceDetector(
        engines.open(running_name(CENTERFACE, settings.inference), centerface, detector_probe),
        settings.detection,
        engines.open(running_name(scout, settings.inference), prepared, scout_probe),
    )
    described = prepare_attributes(read_model(attributes, settings.models))
    analyser = engines.open(attributes.name_version, described)
    return FacePipeline(
        partial(decode, settings=settings.decoding),
        detector,
        AttributeAnalyser(analyser, settings.analysis),
        face_models(settings),
        settings.decoding.size_bytes_max,
    )


def load_embedder(settings: StageSettings) -> NetworkEmbedder:
    """Load and check the recognition network: that of the pack, if one is set, else dlib's.

    Raises:
        ModelUnavailable: its file is missing or changed.
        ConfigurationError: there is no such pack, its licence was not accepted, or nothing was measured in its space.
    """
    if settings.recognition.pack:
        content, spec = open_pack(settings)
        return load_pack(content, spec, settings.recognition)
    network = prepare_dlib_recognition(read_model(DLIB_RECOGNITION, settings.models))
    session = _engines(settings).open(DLIB_RECOGNITION.name_version, network)
    return NetworkEmbedder(session, DLIB_SPACE, DLIB_ALIGNMENT, settings.recognition)


def load_stages(settings: StageSettings) -> Stages:
    """Load everything that works on pictures; the recognition network when a face is embedded for the first time.

    Raises:
        ModelUnavailable, ConfigurationError: as above.
    """
    embedder = LateEmbedder(space_of(settings), partial(load_embedder, settings))
    return Stages(load_pipeline(settings), embedder, PictureEditor(settings.decoding, settings.imaging))


@dataclass(slots=True)
class LateEmbedder:
    """Loads its network at the first face: most servers never compare any."""

    known: VectorSpace
    load: Callable[[], Embedder]
    _loaded: Embedder | None = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def space(self) -> str:
        """Name and version of the space; see `Embedder.space`."""
        return self.known.space

    @property
    def calibration(self) -> Calibration:
        """What distances of two vectors mean."""
        return self.known.calibration

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return self._embedder().dimensions

    def embed(self, image: Image, landmarks: FloatArray) -> FloatArray:
        """Turn every face of a picture into a vector; see `Embedder.embed`.

        Raises:
            ModelUnavailable: the network cannot be loaded (any more).
        """
        return self._embedder().embed(image, landmarks)

    def _embedder(self) -> Embedder:
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load()
            return self._loaded


def _engines(settings: StageSettings) -> Engines:
    return Engines(settings.inference, settings.engines, time.perf_counter)

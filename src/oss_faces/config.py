"""Settings from one TOML file, the environment and flags, read once into frozen values.

Later wins: defaults < TOML < environment < flags. A key that no component knows is an error in all three.
Environment names are `OSS_FACES_<SECTION>__<KEY>`, for instance `OSS_FACES_SERVER__LISTEN=0.0.0.0:9000`; lists
and tables are written as JSON there.
"""

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError

from oss_faces.analysis.settings import AnalysisSettings
from oss_faces.clustering.settings import ClusteringSettings
from oss_faces.database.settings import DatabaseSettings
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.video_settings import VideoSettings
from oss_faces.detection.settings import DetectionSettings
from oss_faces.errors import ConfigurationError
from oss_faces.facedb.settings import FaceDbSettings
from oss_faces.http.console_settings import ConsoleSettings
from oss_faces.http.settings import AdminSettings, ServerSettings
from oss_faces.imaging.settings import ImagingSettings
from oss_faces.inference.settings import RECORD_FILE, InferenceSettings, ModelSettings
from oss_faces.metering.settings import MeteringSettings
from oss_faces.operations.settings import CacheSettings
from oss_faces.projects.settings import ImmSettings
from oss_faces.protocol.settings import AddressingSettings, SigningSettings
from oss_faces.recognition.settings import DecisionSettings, FitnessSettings, RecognitionSettings
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.stages.settings import StageSettings
from oss_faces.storage.mounted_settings import MountsSettings
from oss_faces.storage.settings import StorageSettings
from oss_faces.tasks.settings import TaskSettings
from oss_faces.vectors.settings import VectorSettings
from oss_faces.workers.settings import WorkerSettings

ENVIRONMENT_PREFIX: Final = "OSS_FACES_"
# Read by the command line itself, not part of any component's settings.
ROOT_KEY_NAMES: Final = ("OSS_FACES_ACCESS_KEY_ID", "OSS_FACES_ACCESS_KEY_SECRET")
FREE_NAMES: Final = frozenset({*ROOT_KEY_NAMES, "OSS_FACES_CONFIG", "OSS_FACES_SHARED"})
_PACKS: Final = "packs"
# All others may hold an address, a path or a key.
_SHOWN_TEXTS: Final = frozenset(
    {"server.region", "analysis.omit", "rendering.frame", "recognition.pack", "vectors.engine"}
)
_LIST_HINT: Final = "; in the environment lists and tables are written as JSON"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of every component, one section each."""

    server: ServerSettings = field(default_factory=ServerSettings)
    admin: AdminSettings = field(default_factory=AdminSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    workers: WorkerSettings = field(default_factory=WorkerSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    metering: MeteringSettings = field(default_factory=MeteringSettings)
    mounts: MountsSettings = field(default_factory=MountsSettings)
    addressing: AddressingSettings = field(default_factory=AddressingSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    video: VideoSettings = field(default_factory=VideoSettings)
    imaging: ImagingSettings = field(default_factory=ImagingSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    fitness: FitnessSettings = field(default_factory=FitnessSettings)
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    facedb: FaceDbSettings = field(default_factory=FaceDbSettings)
    vectors: VectorSettings = field(default_factory=VectorSettings)
    clustering: ClusteringSettings = field(default_factory=ClusteringSettings)
    imm: ImmSettings = field(default_factory=ImmSettings)
    tasks: TaskSettings = field(default_factory=TaskSettings)
    rendering: RenderingSettings = field(default_factory=RenderingSettings)

    @property
    def stages(self) -> StageSettings:
        """What the work on pictures depends on."""
        return StageSettings(
            self.decoding,
            self.imaging,
            self.detection,
            self.analysis,
            self.recognition,
            self.models,
            self.inference,
            self.storage.data_dir / _PACKS,
            self.storage.data_dir / RECORD_FILE,
        )

    def validate(self) -> None:
        """Raise `ConfigurationError` when a section does not make sense."""
        for section in dataclasses.fields(self):
            getattr(self, section.name).validate()
        self.mounts.require_apart(self.storage.data_dir)
        if self.database.url and self.vectors.engine == "files" and self.vectors.folder is None:
            # In a folder of each server, erased vectors would outlast the erasure on all others.
            raise ConfigurationError(
                "servers that share a state database share their vectors: set vectors.engine to milvus, or "
                "vectors.folder to a folder that all of them on this one machine use"
            )


def read_settings(
    file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Mapping[str, object]]
) -> Settings:
    """Build the settings of one process.

    Args:
        file: a TOML file with one table for each section, or `None`.
        environment: all environment variables; those without the prefix are ignored.
        flags: section -> key -> value, only the flags that were given.

    Raises:
        ConfigurationError: an unknown section or key, a value of the wrong type or out of range, an unreadable file.
    """
    merged = _merge(_from_file(file), _from_environment(environment), flags)
    sections = {section.name: section.type for section in dataclasses.fields(Settings)}
    unknown = sorted(set(merged) - set(sections))
    if unknown:
        raise ConfigurationError(f"unknown section {unknown[0]!r}; known: {', '.join(sections)}")
    settings = Settings(**{name: _section(name, sections[name], values) for name, values in merged.items()})
    settings.validate()
    return settings


def shown(settings: Settings) -> Mapping[str, Mapping[str, object]]:
    """Give what anybody may see who may ask for it: numbers, switches, and the few texts that name nothing secret."""
    sections = {section.name: getattr(settings, section.name) for section in dataclasses.fields(settings)}
    found = {
        name: {
            key.name: value
            for key in dataclasses.fields(section)
            if isinstance(value := getattr(section, key.name), bool | int | float)
            or f"{name}.{key.name}" in _SHOWN_TEXTS
        }
        for name, section in sections.items()
    }
    return {name: values for name, values in found.items() if values}


def _section(name: str, kind: Any, values: Mapping[str, object]) -> Any:
    """Turn plain values into one frozen settings value, refusing unknown keys and wrong types."""
    known = {item.name for item in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigurationError(f"unknown key {name}.{unknown[0]}; known keys of [{name}]: {', '.join(sorted(known))}")
    kinds = get_type_hints(kind)
    for key, value in values.items():
        # The conversion that turns the environment's text into numbers would take `true` for 1 as well.
        if isinstance(value, bool) and kinds[key] in (int, float, str):
            raise ConfigurationError(f"{name}.{key}: must not be true or false")
    try:
        return TypeAdapter(kind).validate_python(dict(values))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join([name, *(str(part) for part in first["loc"])])
        hint = _LIST_HINT if first["type"] in ("tuple_type", "dict_type") else ""
        raise ConfigurationError(f"{where}: {first['msg']}{hint}") from exc


def _from_file(file: Path | None) -> Mapping[str, Mapping[str, object]]:
    if file is None:
        return {}
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigurationError(f"cannot read {file}: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{file} is not valid TOML: {exc}") from exc
    for name, table in document.items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{file}: {name!r} stands outside a section")
    return document


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, Mapping[str, object]]:
    sections: dict[str, dict[str, object]] = {}
    for name, text in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in FREE_NAMES:
            continue
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not separator:
            raise ConfigurationError(f"unknown environment variable {name}; expected OSS_FACES_<SECTION>__<KEY>")
        sections.setdefault(section, {})[key] = _value(text)
    return sections


def _value(text: str) -> object:
    """Lists and tables come as JSON; everything else is plain text, converted by the section's types.

    `[::1]:9000` is no JSON, and a good address.
    """
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _merge(*layers: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    merged: dict[str, dict[str, object]] = {}
    for layer in layers:
        for section, values in layer.items():
            merged.setdefault(section, {}).update(values)
    return merged


__all__ = ["ENVIRONMENT_PREFIX", "ROOT_KEY_NAMES", "Settings", "read_settings", "shown"]

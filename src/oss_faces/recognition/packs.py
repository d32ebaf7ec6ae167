"""A pack: a recognition network of the user's own, of the ArcFace family, and what has to be known of it.

A small TOML file tells it; the page `docs/packs.md` shows one. Everything that a vector depends on goes into the name
of its space, so that a changed file or another normalisation can never be taken for the same.
"""

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from oss_faces.errors import ConfigurationError
from oss_faces.recognition.calibration import Calibration

if TYPE_CHECKING:
    from pydantic import ConfigDict

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGEST_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class PackInput:
    """How a network wants to be fed: with (value - mean) / divisor of each byte.

    Attributes:
        colours: which colour comes first.
    """

    __pydantic_config__: ClassVar["ConfigDict"] = {"extra": "forbid"}

    colours: Literal["rgb", "bgr"] = "rgb"
    mean: float = 127.5
    divisor: float = 127.5


@dataclass(frozen=True, slots=True)
class PackSpec:
    """What the user says of a network.

    Attributes:
        name, version: lower-case letters, digits, dots, hyphens and underscores.
        licence: the terms of the network, shown before it is added.
        sha256: lower-case hex digest of the ONNX file.
        file: the ONNX file, beside the TOML file; or `url`: where it is fetched from.
        calibration: measured by whoever wrote the file; `None` when it has still to be measured.
    """

    __pydantic_config__: ClassVar["ConfigDict"] = {"extra": "forbid"}

    name: str
    version: str
    licence: str
    sha256: str
    file: str = ""
    url: str = ""
    input: PackInput = field(default_factory=PackInput)
    calibration: Calibration | None = None

    @property
    def name_version(self) -> str:
        """Name and version as `name@version`."""
        return f"{self.name}@{self.version}"

    @property
    def space(self) -> str:
        """Name, version and a digest of all that a vector depends on."""
        depends_on = json.dumps([self.sha256, asdict(self.input)], sort_keys=True)
        return f"{self.name_version}+{hashlib.sha256(depends_on.encode()).hexdigest()[:_DIGEST_DIGITS]}"

    def validate(self) -> None:
        """Check what the types do not say.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for key in ("name", "version"):
            if not _NAME.fullmatch(getattr(self, key)):
                raise ConfigurationError(f"{key} must be of lower-case letters, digits, dots, hyphens and underscores")
        if not self.licence.strip():
            raise ConfigurationError("licence must say the terms of the network")
        if not _SHA256.fullmatch(self.sha256):
            raise ConfigurationError("sha256 must be the 64 lower-case hex digits of the file's digest")
        if bool(self.file) == bool(self.url):
            raise ConfigurationError("either file or url must be given, and not both")
        if not self.input.divisor > 0:
            raise ConfigurationError("input.divisor must be greater than 0")
        if self.calibration is not None:
            self.calibration.validate()


def parse_pack(content: bytes) -> PackSpec:
    """Read the TOML file of a pack.

    Raises:
        ConfigurationError: it is no such file; says what is wrong.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  (a tenth of a worker's imports, for packs alone)

    try:
        document: dict[str, Any] = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"not valid TOML: {exc}") from exc
    try:
        spec = TypeAdapter(PackSpec).validate_python(document)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise ConfigurationError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from exc
    spec.validate()
    return spec


def with_calibration(spec: PackSpec, measured: Calibration | None) -> PackSpec:
    """Return the pack with what was measured here, which counts for more than what its file says."""
    return spec if measured is None else replace(spec, calibration=measured)

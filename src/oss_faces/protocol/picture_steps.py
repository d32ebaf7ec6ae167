"""The steps of `x-oss-process=image/...` as typed values: names, parameters and ranges, and nothing done yet.

A step is a name and its parameters, either `key_value` in any order or one bare value. What is not listed here, is
given twice or lies outside its range is refused; nothing is guessed and nothing is dropped.

Source: the OSS pages "Resize images", "Crop images", "Rotate images", "Auto-orient images", "Convert image formats",
"Adjust image quality", "Interlace" (gradual display) and "Query image information".
"""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from oss_faces.errors import InvalidProcess, NotImplementedOnServer

SIDE_MAX: Final = 16_384
PERCENT_MAX: Final = 1_000
QUALITY_MAX: Final = 100
DEGREES_MAX: Final = 360
# Offsets of a crop lie inside the source, whose side is at most so many pixels.
OFFSET_MAX: Final = 30_000

Member = TypeVar("Member", bound=enum.Enum)

_NUMBER: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_COLOR: Final = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)


class ResizeMode(enum.Enum):
    """How a picture and a rectangle of another shape come together."""

    LFIT = "lfit"
    MFIT = "mfit"
    FILL = "fill"
    PAD = "pad"
    FIXED = "fixed"


class Origin(enum.Enum):
    """One of nine places in a picture, from which a crop is counted."""

    NW = "nw"
    NORTH = "north"
    NE = "ne"
    WEST = "west"
    CENTER = "center"
    EAST = "east"
    SW = "sw"
    SOUTH = "south"
    SE = "se"


class PictureFormat(enum.Enum):
    """Formats that a picture can be written in."""

    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    BMP = "bmp"
    GIF = "gif"
    TIFF = "tiff"


@dataclass(frozen=True, slots=True)
class Resize:
    """Scale to a rectangle, to a longest or shortest side, or by a percentage.

    Attributes:
        width, height, longest, shortest: pixels of the result; `None` when not given.
        percent: of the source; 100 changes nothing.
        is_limited: whether a picture is never made larger; `None` when not said.
        color: RGB of the border that `pad` adds.
    """

    mode: ResizeMode = ResizeMode.LFIT
    width: int | None = None
    height: int | None = None
    longest: int | None = None
    shortest: int | None = None
    percent: int | None = None
    is_limited: bool | None = None
    color: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Crop:
    """Cut out a rectangle. `None` or 0 as an extent means as much as there is."""

    width: int | None = None
    height: int | None = None
    x: int = 0
    y: int = 0
    origin: Origin = Origin.NW


@dataclass(frozen=True, slots=True)
class Rotate:
    """Turn clockwise by whole degrees."""

    degrees: int


@dataclass(frozen=True, slots=True)
class AutoOrient:
    """Apply the EXIF orientation, or say that it is not to be applied."""

    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Format:
    """Write in another format than the source's."""

    format: PictureFormat


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a lossy format, 1 to 100: in percent of the source's, or absolute."""

    relative: int | None = None
    absolute: int | None = None


@dataclass(frozen=True, slots=True)
class Interlace:
    """Write a JPEG so that it can be shown while it comes."""

    is_wanted: bool


Edit: TypeAlias = Resize | Crop | Rotate | AutoOrient | Format | Quality | Interlace


def parse_edit(name: str, parameters: tuple[str, ...]) -> Edit:
    """Read one step that changes the picture or how it is written.

    Raises:
        InvalidProcess: an unknown parameter, one given twice, or a value outside its range.
        NotImplementedOnServer: a format that OSS writes and this server does not.
    """
    return _PARSERS[name](name, parameters)


def _parse_resize(name: str, parameters: tuple[str, ...]) -> Resize:
    given = _named(name, parameters, frozenset({"m", "w", "h", "l", "s", "p", "limit", "color"}))
    if not given.keys() & {"w", "h", "l", "s", "p"}:
        raise InvalidProcess("The operation resize needs one of w, h, l, s and p.")
    sides = {key: _number(name, key, given[key], 1, SIDE_MAX) for key in ("w", "h", "l", "s") if key in given}
    return Resize(
        mode=_member(ResizeMode, name, "m", given.get("m", "lfit")),
        width=sides.get("w"),
        height=sides.get("h"),
        longest=sides.get("l"),
        shortest=sides.get("s"),
        percent=_number(name, "p", given["p"], 1, PERCENT_MAX) if "p" in given else None,
        is_limited=_flag(name, "limit", given["limit"]) if "limit" in given else None,
        color=_color(name, given.get("color", "FFFFFF")),
    )


def _parse_crop(name: str, parameters: tuple[str, ...]) -> Crop:
    given = _named(name, parameters, frozenset({"w", "h", "x", "y", "g"}))
    numbers = {key: _number(name, key, given[key], 0, OFFSET_MAX) for key in ("w", "h", "x", "y") if key in given}
    return Crop(
        width=numbers.get("w") or None,
        height=numbers.get("h") or None,
        x=numbers.get("x", 0),
        y=numbers.get("y", 0),
        origin=_member(Origin, name, "g", given.get("g", "nw")),
    )


def _parse_rotate(name: str, parameters: tuple[str, ...]) -> Rotate:
    return Rotate(_number(name, "value", _bare(name, parameters), 0, DEGREES_MAX))


def _parse_auto_orient(name: str, parameters: tuple[str, ...]) -> AutoOrient:
    return AutoOrient(_flag(name, "value", _bare(name, parameters)))


def _parse_interlace(name: str, parameters: tuple[str, ...]) -> Interlace:
    return Interlace(_flag(name, "value", _bare(name, parameters)))


def _parse_format(name: str, parameters: tuple[str, ...]) -> Format:
    text = _bare(name, parameters)
    if text in _FORMATS_NOT_SERVED:
        raise NotImplementedOnServer(f"Pictures are not written as {text} here.")
    return Format(_member(PictureFormat, name, "value", _FORMAT_ALIASES.get(text, text)))


def _parse_quality(name: str, parameters: tuple[str, ...]) -> Quality:
    given = _named(name, parameters, frozenset({"q", "Q"}))
    if not given:
        raise InvalidProcess("The operation quality needs q or Q.")
    values = {key: _number(name, key, text, 1, QUALITY_MAX) for key, text in given.items()}
    return Quality(values.get("q"), values.get("Q"))


_PARSERS: Final[Mapping[str, Callable[[str, tuple[str, ...]], Edit]]] = MappingProxyType(
    {
        "auto-orient": _parse_auto_orient,
        "crop": _parse_crop,
        "format": _parse_format,
        "interlace": _parse_interlace,
        "quality": _parse_quality,
        "resize": _parse_resize,
        "rotate": _parse_rotate,
    }
)
EDITS: Final = frozenset(_PARSERS)
"""Names of the steps that `parse_edit` knows."""

_FORMAT_ALIASES: Final = MappingProxyType({"jpeg": "jpg", "tif": "tiff"})
_FORMATS_NOT_SERVED: Final = frozenset({"heic", "avif"})


def _named(name: str, parameters: tuple[str, ...], known: frozenset[str]) -> dict[str, str]:
    """Split `key_value` parameters."""
    given: dict[str, str] = {}
    for parameter in parameters:
        key, separator, value = parameter.partition("_")
        if not separator or key not in known:
            raise InvalidProcess(f"The operation {name} has a parameter that it does not know.")
        if key in given:
            raise InvalidProcess(f"The operation {name} has the parameter {key} twice.")
        given[key] = value
    return given


def _bare(name: str, parameters: tuple[str, ...]) -> str:
    if len(parameters) != 1:
        raise InvalidProcess(f"The operation {name} takes one value.")
    return parameters[0]


def _number(name: str, key: str, text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise InvalidProcess(f"The {key} of {name} must be a whole number from {least} to {most}.")
    return int(text)


def _flag(name: str, key: str, text: str) -> bool:
    return bool(_number(name, key, text, 0, 1))


def _color(name: str, text: str) -> tuple[int, int, int]:
    if not _COLOR.fullmatch(text):
        raise InvalidProcess(f"The color of {name} must be six hexadecimal digits.")
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def _member(kind: type[Member], name: str, key: str, text: str) -> Member:
    values = [member.value for member in kind]
    if text not in values:
        raise InvalidProcess(f"The {key} of {name} must be one of {', '.join(values)}.")
    return kind(text)

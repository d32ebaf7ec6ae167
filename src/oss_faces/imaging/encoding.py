"""How a picture is written: format, quality, and what goes along with the pixels."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from PIL import Image

from oss_faces.errors import PictureTooLarge
from oss_faces.imaging.orientation import UPRIGHT
from oss_faces.protocol.picture_steps import Edit, Format, Interlace, PictureFormat, Quality
from oss_faces.values import ImageSize, PictureFile

# What a source is written as when no format is asked for. Sources in other formats become JPEG.
OWN_FORMATS: Final[Mapping[str, PictureFormat]] = {
    "jpeg": PictureFormat.JPG,
    "png": PictureFormat.PNG,
    "webp": PictureFormat.WEBP,
    "bmp": PictureFormat.BMP,
    "gif": PictureFormat.GIF,
    "tiff": PictureFormat.TIFF,
}
MEDIA_TYPES: Final[Mapping[PictureFormat, str]] = {
    PictureFormat.JPG: "image/jpeg",
    PictureFormat.PNG: "image/png",
    PictureFormat.WEBP: "image/webp",
    PictureFormat.BMP: "image/bmp",
    PictureFormat.GIF: "image/gif",
    PictureFormat.TIFF: "image/tiff",
}
LIBRARY_NAMES: Final[Mapping[PictureFormat, str]] = {PictureFormat.JPG: "JPEG"}
ORIENTED_FORMATS: Final = frozenset({PictureFormat.JPG, PictureFormat.PNG, PictureFormat.WEBP, PictureFormat.TIFF})
"""Formats with a place for an EXIF orientation."""
PROFILE_FORMATS: Final = ORIENTED_FORMATS
OPAQUE_FORMATS: Final = frozenset({PictureFormat.JPG, PictureFormat.BMP})
BACKGROUND: Final = (255, 255, 255)

ORIENTATION_TAG: Final = 0x0112
GIF_COLORS: Final = 256
WEBP_SIDE_MAX: Final = 16_383
DEFAULT_QUALITY: Final = 85
# Time matters more than the last percent of size: a picture of 16 million pixels must be written within seconds.
OPTIONS: Final[Mapping[PictureFormat, Mapping[str, Any]]] = {
    PictureFormat.PNG: {"compress_level": 3},
    PictureFormat.WEBP: {"method": 1},
    PictureFormat.TIFF: {"compression": "tiff_lzw"},
}
# What writing was seen to take for each pixel, the picture itself included.
WRITING_BYTES: Final[Mapping[PictureFormat, int]] = {PictureFormat.GIF: 13, PictureFormat.WEBP: 11}
WRITING_BYTES_DEFAULT: Final = 9
LOSSY_FORMATS: Final = frozenset({PictureFormat.JPG, PictureFormat.WEBP})


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a picture is to be written.

    Attributes:
        quality: 1 to 100; no meaning for lossless formats.
        is_progressive: of a JPEG; no meaning for others.
        orientation: EXIF orientation that viewers are to apply.
        profile: ICC profile of the pixels; empty when there is none.
    """

    format: PictureFormat
    quality: int = DEFAULT_QUALITY
    is_progressive: bool = False
    orientation: int = UPRIGHT
    profile: bytes = b""

    def of_source(self, orientation: int, profile: bytes) -> "Encoding":
        """The same for pixels with this orientation left over, and of this ICC profile."""
        return replace(self, orientation=orientation, profile=profile)

    def memory_bytes(self, size: ImageSize) -> int:
        """Most memory that writing a picture of this size takes."""
        return size.pixels * WRITING_BYTES.get(self.format, WRITING_BYTES_DEFAULT)

    @property
    def keeps_orientation(self) -> bool:
        """Whether the format has a place for the orientation; for others the pixels have to be turned."""
        return self.format in ORIENTED_FORMATS


def choose_encoding(edits: tuple[Edit, ...], source_format: str, source_quality: int | None) -> Encoding:
    """Take from a chain how its result is to be written; of several edits of one kind the last counts.

    Args:
        source_format: lower-case name of the source's format.
        source_quality: of a JPEG; `None` for every other source.
    """
    encoding = Encoding(OWN_FORMATS.get(source_format, PictureFormat.JPG))
    quality = Quality()
    for edit in edits:
        if isinstance(edit, Format):
            encoding = replace(encoding, format=edit.format)
        elif isinstance(edit, Interlace):
            encoding = replace(encoding, is_progressive=edit.is_wanted)
        elif isinstance(edit, Quality):
            quality = edit
    return replace(encoding, quality=_quality(quality, encoding.format, source_quality))


def _quality(wanted: Quality, target: PictureFormat, source_quality: int | None) -> int:
    """Work out the quality. A JPEG is not written better than it was; in WebP, relative means absolute."""
    best = source_quality if target is PictureFormat.JPG else None
    if wanted.absolute is not None:
        return min(wanted.absolute, best or wanted.absolute)
    if wanted.relative is not None:
        return max(1, round(wanted.relative * (best or 100) / 100))
    return best or DEFAULT_QUALITY


def check_size(size: ImageSize, encoding: Encoding) -> None:
    """Refuse what the format cannot hold.

    Raises:
        PictureTooLarge: a side is longer than a WebP can say.
    """
    if encoding.format is PictureFormat.WEBP and max(size.width, size.height) > WEBP_SIDE_MAX:
        raise PictureTooLarge(context={"limit": "webp", "value": max(size.width, size.height)})


def encode(image: Image.Image, encoding: Encoding) -> PictureFile:
    """Write a picture of mode RGB or RGBA whose size `check_size` has accepted."""
    if encoding.format in OPAQUE_FORMATS and image.mode == "RGBA":
        image = on_background(image, BACKGROUND)
    if encoding.format is PictureFormat.GIF and image.mode == "RGB":
        # As the library itself does with transparency. Its choice of colours without takes sixty times as long.
        image = image.quantize(GIF_COLORS, Image.Quantize.FASTOCTREE)
    options = dict(OPTIONS.get(encoding.format, {}))
    if encoding.format in LOSSY_FORMATS:
        options["quality"] = encoding.quality
    if encoding.format is PictureFormat.JPG:
        options["progressive"] = encoding.is_progressive
    if encoding.orientation != UPRIGHT and encoding.format in ORIENTED_FORMATS:
        options["exif"] = _orientation_only(encoding.orientation)
    if encoding.profile and encoding.format in PROFILE_FORMATS:
        options["icc_profile"] = encoding.profile
    target = io.BytesIO()
    image.save(target, LIBRARY_NAMES.get(encoding.format, encoding.format.name), **options)
    return PictureFile(target.getvalue(), MEDIA_TYPES[encoding.format])


def on_background(image: Image.Image, color: tuple[int, int, int]) -> Image.Image:
    """Lay a picture with transparency on one colour."""
    background = Image.new("RGB", image.size, color)
    background.paste(image, mask=image)
    return background


def _orientation_only(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return exif

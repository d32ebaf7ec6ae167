"""HEIC by libheif, AVIF by Pillow: one container, two codecs."""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL.AvifImagePlugin import AvifImageFile

from oss_faces.decoding.av1 import largest_frame
from oss_faces.decoding.avif_items import coded_pictures
from oss_faces.decoding.orientation import read_orientation
from oss_faces.decoding.pillow_source import PillowSource
from oss_faces.decoding.profile import rgb_profile
from oss_faces.decoding.rendition import render_pixels
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.translation import translated
from oss_faces.errors import CorruptImage
from oss_faces.values import ImageSize

FILE_TYPE: Final = b"ftyp"
AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
CONTAINER_BRANDS: Final = frozenset({b"mif1", b"msf1"})
AVIF_PIXEL_BYTES: Final = 20  # 13.5 measured at 8 bit with alpha; two bytes for each sample at 10 and 12 bit
# Measured peaks per pixel, by bits per sample over 8 and alpha: planes, RGB, the copy handed out, Pillow's picture.
HEIC_PIXEL_BYTES: Final = {(False, False): 11, (False, True): 14, (True, False): 17, (True, True): 22}
EXIF_PREFIX: Final = b"Exif\0\0"


@dataclass(frozen=True, slots=True)
class HeicSource:
    """A HEIC file of which only the boxes were read."""

    file: pillow_heif.HeifFile
    header: Header

    def render(self, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
        """Decode the primary picture in full; libheif turns it upright itself."""
        with translated("heic"):
            picture = self.file.to_pillow()
            # The container states a size, and what is coded in it can have another, within libheif's own limits.
            if picture.size != (self.header.stored_size.width, self.header.stored_size.height):
                raise CorruptImage(context={"format": "heic", "reason": "not of the size that is stated"})
            return render_pixels(picture, factor, keep_alpha=keep_alpha)


def read_brands(data: bytes) -> frozenset[bytes]:
    """Major and compatible brands of an ISO media file; none for other files."""
    if data[4:8] != FILE_TYPE:
        return frozenset()
    length = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset(data[place : place + 4] for place in (8, *range(16, length, 4)))


def is_avif(data: bytes) -> bool:
    """Whether the file says that its pictures are coded as AV1."""
    return bool(read_brands(data) & AVIF_BRANDS)


def is_heic(data: bytes) -> bool:
    """Whether the file is of the HEIF family. Ask `is_avif` first."""
    return bool(read_brands(data) & (HEIC_BRANDS | CONTAINER_BRANDS))


def open_avif(data: bytes) -> PillowSource:
    """Read the boxes.

    Raises:
        CorruptImage: libavif does not take the file.
    """
    with translated("avif"):
        image = AvifImageFile(io.BytesIO(data))
        size = ImageSize(*image.size)
        exif = image.info.get("exif", b"").removeprefix(EXIF_PREFIX)
        # libavif decodes what is coded before it compares that with what the container says.
        coded = [frame.pixels for frame in map(largest_frame, coded_pictures(data)) if frame is not None]
        if not coded:
            raise CorruptImage(context={"format": "avif", "reason": "no AV1 picture"})
        header = Header(
            format="avif",
            stored_size=size,
            orientation=read_orientation(exif),
            working_bytes=max(size.pixels, *coded) * AVIF_PIXEL_BYTES,
            exif=exif,
            profile=rgb_profile(image.info.get("icc_profile") or b""),
        )
        return PillowSource(image, header)


def open_heic(data: bytes) -> HeicSource:
    """Read the boxes.

    Raises:
        CorruptImage: libheif does not take the file.
    """
    with translated("heic"):
        file = pillow_heif.open_heif(io.BytesIO(data))
        size = ImageSize(*file.size)
        per_pixel = HEIC_PIXEL_BYTES[file.info.get("bit_depth", 8) > 8, file.has_alpha]
        header = Header(
            format="heic",
            stored_size=size,
            orientation=UPRIGHT,
            working_bytes=size.pixels * per_pixel,
            exif=(file.info.get("exif") or b"").removeprefix(EXIF_PREFIX),
            profile=rgb_profile(file.info.get("icc_profile") or b""),
        )
        return HeicSource(file, header)

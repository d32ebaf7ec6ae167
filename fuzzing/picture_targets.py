"""Every picture format through the decoder, and the edits of decoded pictures."""

import importlib
import io
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pillow_heif
from PIL import Image

from fuzzing.target import Target
from oss_faces.decoding import DecodingSettings, decode
from oss_faces.errors import ImageError, PictureError, RequestError
from oss_faces.imaging import ImagingSettings
from oss_faces.protocol import Outcome, resolve_process
from oss_faces.stages import PictureEditor

_PARQUET: Any = importlib.import_module("pyarrow.parquet")  # carries no types
_MIB: Final = 1024 * 1024
_DECODING: Final = DecodingSettings(
    size_bytes_max=_MIB, pixels_max=4_000_000, working_bytes_max=64 * _MIB, reduced_pixels=500
)
_IMAGING: Final = ImagingSettings(side_max=1_000, pixels_max=250_000, turned_side_max=500, work_pixels_max=4_000_000)
_SIZE_BYTES_MAX: Final = 64 * 1024
_SHARED_SEEDS_MAX: Final = 12
_EXIF: Final = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"

FORMATS: Final[Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]] = {
    "jpeg": (("RGB", {}), ("RGB", {"progressive": True}), ("CMYK", {}), ("L", {}), ("RGB", {"exif": _EXIF})),
    "png": (("RGBA", {}), ("P", {}), ("1", {}), ("L", {}), ("RGB", {"exif": _EXIF})),
    "gif": (("P", {}), ("L", {"interlace": 0}), ("P", {"transparency": 0})),
    "webp": (("RGB", {}), ("RGBA", {"lossless": True}), ("RGB", {"exif": _EXIF})),
    "tiff": (
        ("RGB", {"compression": "tiff_lzw"}), ("RGB", {}), ("L", {"compression": "tiff_adobe_deflate"}),
        ("1", {"compression": "group4"}), ("RGB", {"compression": "jpeg"}), ("P", {"compression": "packbits"}),
        ("CMYK", {}),
    ),
    "bmp": (("P", {}), ("RGB", {}), ("1", {})),
    "heic": (("RGB", {}), ("RGBA", {})),
    "avif": (("RGB", {}), ("RGBA", {})),
}  # fmt: skip
_TOKENS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "jpeg": (b"\xff\xd8", b"\xff\xc0", b"\xff\xc2", b"\xff\xda", b"\xff\xdd\0\4\0\1", b"\xff\xe1", b"\xff\xee"),
    "png": (b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"IEND", b"acTL", b"fcTL", b"fdAT", b"zTXt"),
    "gif": (b"\x21\xf9\x04", b"\x2c", b"\x3b", b"\x21\xfe", b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"),
    "webp": (b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP", b"EXIF", b"RIFF"),
    "tiff": (b"II*\0", b"MM\0*", b"\x11\x01\x04\0", b"\x03\x01\x03\0\x01\0\0\0\x05\0", b"\x42\x01\x03\0"),
    "bmp": (b"BM", b"\x28\0\0\0", b"\x7c\0\0\0", b"\x0c\0\0\0", b"\x01\0\0\0", b"\x03\0\0\0"),
    "heic": (b"ftypheic", b"meta", b"iloc", b"iprp", b"ipco", b"ispe", b"hvcC", b"grid", b"idat", b"iref", b"mif1"),
    "avif": (b"ftypavif", b"meta", b"iloc", b"iprp", b"ipco", b"ispe", b"av1C", b"grid", b"irot", b"idat", b"avis"),
}  # fmt: skip


def picture(format_name: str) -> Target:
    """Files of one format, decoded as for image/faces."""
    seeds = tuple(save(format_name, mode, options) for mode, options in FORMATS[format_name])
    repair = repair_png if format_name == "png" else None
    return Target(
        format_name,
        _decode,
        (ImageError,),
        seeds + odd_files(format_name),
        _TOKENS[format_name],
        repair,
        _SIZE_BYTES_MAX,
    )


def edits() -> Target:
    """A process string, a zero byte and a picture: what is cut, resized, turned and written again."""
    chains = (
        b"image/resize,w_30,h_20,m_pad,color_FF0000", b"image/crop,x_1,y_2,w_9,h_8,g_se/rotate,33", b"image/info",
        b"image/resize,p_200,limit_0/format,png/interlace,1", b"image/auto-orient,1/format,webp/quality,q_50",
        b"image/resize,l_40,m_fill,h_30,w_30/format,jpg/quality,Q_90", b"image/rotate,90/format,gif", b"image/crop,w_5",
    )  # fmt: skip
    names = ("jpeg", "png", "gif", "webp")
    seeds = tuple(
        chain + b"\0" + save(names[place % 4], *FORMATS[names[place % 4]][0]) for place, chain in enumerate(chains)
    )
    tokens = (
        b"/rotate,",
        b"/resize,",
        b"w_",
        b"h_",
        b"/crop,",
        b"x_",
        b"/format,bmp",
        b"/format,tiff",
        b"m_mfit",
        b"360",
    )
    editor = PictureEditor(_DECODING, _IMAGING)
    return Target("edits", partial(_edit, editor), (ImageError, PictureError, RequestError), seeds, tokens)


def save(format_name: str, mode: str, options: Mapping[str, Any]) -> bytes:
    """Draw a small picture and write it."""
    chance = np.random.default_rng(7)
    coarse = Image.fromarray(chance.integers(0, 255, (4, 5, 3), dtype=np.uint8))
    image = coarse.resize((40, 32), Image.Resampling.BICUBIC).convert(mode)
    target = io.BytesIO()
    if format_name == "heic":
        pillow_heif.from_pillow(image).save(target, quality=80)
    else:
        image.save(target, format_name.upper(), **options)
    return target.getvalue()


def odd_files(format_name: str) -> tuple[bytes, ...]:
    """Take small odd files of one format from the labelled data beside the project, where it lies there."""
    is_format: Mapping[str, Callable[[bytes], bool]] = {
        "jpeg": lambda data: data[:2] == b"\xff\xd8",
        "png": lambda data: data[:4] == b"\x89PNG",
        "gif": lambda data: data[:4] == b"GIF8",
        "webp": lambda data: data[8:12] == b"WEBP",
        "tiff": lambda data: data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        "bmp": lambda data: data[:2] == b"BM",
        "heic": lambda data: data[4:8] == b"ftyp" and b"av" not in data[8:32],
        "avif": lambda data: data[4:8] == b"ftyp" and b"av" in data[8:32],
    }
    return tuple(file for file in _small_odd_files() if is_format[format_name](file))[:_SHARED_SEEDS_MAX]


@cache
def _small_odd_files() -> tuple[bytes, ...]:
    """Read the odd files that are no longer than an input may be, the shortest first."""
    folder = Path(os.environ.get("OSS_FACES_SHARED") or Path(__file__).parents[2] / "shared")
    file = folder / "data" / "odd_files.parquet"
    if not file.is_file():
        return ()
    contents: list[bytes] = _PARQUET.read_table(file, columns=["bytes"]).column("bytes").to_pylist()
    return tuple(sorted((content for content in contents if len(content) <= _SIZE_BYTES_MAX), key=len))


def repair_png(data: bytes) -> bytes:
    """Write the right checksum behind each chunk, as far as the chunks go."""
    repaired, place = bytearray(data), 8
    while place + 12 <= len(repaired):
        (length,) = struct.unpack_from(">I", repaired, place)
        end = place + 8 + length
        if end + 4 > len(repaired):
            break
        struct.pack_into(">I", repaired, end, zlib.crc32(repaired[place + 4 : end]))
        place = end + 4
    return bytes(repaired)


def _decode(data: bytes) -> str:
    image = decode(data, _DECODING)
    height, width, channels = image.pixels.shape
    assert image.pixels.dtype == np.uint8, "pixels are bytes"
    assert channels == 3, "pixels are RGB"
    assert image.size.pixels <= _DECODING.pixels_max, "the limit holds"
    assert 0 < width <= image.size.width, "pixels are those of the picture"
    assert 0 < height <= image.size.height, "pixels are those of the picture"
    return f"{image.format} {image.orientation} {width < image.size.width}"


def _edit(editor: PictureEditor, data: bytes) -> str:
    text, _, content = data.partition(b"\0")
    wanted = resolve_process(text.decode("utf-8", "surrogateescape"))
    if wanted.outcome is Outcome.INFO:
        return editor.describe(content).format
    if wanted.outcome is not Outcome.PICTURE:
        return f"{editor.faces_decoder(wanted.edits)(content).format} for faces"
    made = editor.edit(content, wanted.edits)
    return f"{[type(edit).__name__ for edit in wanted.edits]} {made.media_type}"

"""Picture files made by the tests themselves: nothing is stored, nothing is downloaded."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)
ORIENTATION_TAG = 0x0112
# How a picture is stored so that this EXIF orientation turns it upright again.
STORED_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """Four plain quarters: red and green above, blue and white below."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = WHITE
    return Image.fromarray(pixels)


def quarter_colors(pixels) -> np.ndarray:
    """Mean colour of the middle of each quarter: top left, top right, bottom left, bottom right."""
    height, width = pixels.shape[:2]
    rows = (slice(height // 8, 3 * height // 8), slice(5 * height // 8, 7 * height // 8))
    columns = (slice(width // 8, 3 * width // 8), slice(5 * width // 8, 7 * width // 8))
    return np.array([pixels[row, column].mean(axis=(0, 1)) for row in rows for column in columns])


def shows_corners(pixels, tolerance: float = 12) -> bool:
    """Whether the quarters have their colours, each in its place."""
    return bool(np.abs(quarter_colors(pixels) - np.array([RED, GREEN, BLUE, WHITE])).max() <= tolerance)


def save(image: Image.Image, format_name: str, **options) -> bytes:
    """Encode by Pillow; HEIC by libheif, which writes the orientation into the container as cameras do."""
    target = io.BytesIO()
    if format_name == "HEIC":
        file = pillow_heif.from_pillow(image)
        if "exif" in options:
            file.info["exif"] = options.pop("exif").tobytes()
        file.save(target, quality=90, **options)
    else:
        image.save(target, format_name, **options)
    return target.getvalue()


def saved_turned(format_name: str, orientation: int, **options) -> bytes:
    """The corners, stored turned, with the EXIF orientation that puts them right."""
    image = corners()
    if orientation in STORED_BY:
        image = image.transpose(STORED_BY[orientation])
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return save(image, format_name, exif=exif, **options)


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Smooth colours with a little noise: compresses about as a photograph does."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (height // 16 + 2, width // 16 + 2, 3), dtype=np.uint8)
    pixels = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), np.int16)
    noisy = pixels + random.integers(-4, 5, pixels.shape, dtype=np.int16)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes, color_type: int = 2, bits: int = 8, extra: bytes = b"") -> bytes:
    """A PNG of unfiltered rows, each with its leading filter byte; `extra` chunks come before the pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg_head(width: int, height: int, frame_marker: int = 0xC0) -> bytes:
    """A JPEG up to its only scan, which is empty: enough for a header, nothing for a picture."""
    components = b"".join(bytes((index, 0x11, 0)) for index in (1, 2, 3))
    frame = struct.pack(">BHHB", 8, height, width, 3) + components
    scan = bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0))
    return (
        b"\xff\xd8"
        + jpeg_segment(0xDB, b"\0" + b"\x01" * 64)
        + jpeg_segment(frame_marker, frame)
        + (jpeg_segment(0xDA, scan))
    )


def gif_head(width: int, height: int) -> bytes:
    """A GIF screen with a colour table of two."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"


def gif_frame(width: int, height: int) -> bytes:
    """A frame that holds one code only."""
    return b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x01\x44\x00"


def bmp_head(width: int, height: int, compression: int = 0, bits: int = 24) -> bytes:
    palette = b"\0\0\0\0" * 256 if bits == 8 else b""
    offset = 54 + len(palette)
    return (
        b"BM"
        + struct.pack("<IHHI", offset, 0, 0, offset)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
        + palette
    )


def webp_head(width: int, height: int) -> bytes:
    """An extended WebP header and no picture."""
    body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def tiff(entries: dict[int, tuple[int, int, int]], tail: bytes = b"", *, next_page: int = 0) -> bytes:
    """A little-endian TIFF of entries tag -> (type, count, value or offset); `tail` follows the directory."""
    directory = b"".join(struct.pack("<HHII", tag, *entries[tag]) for tag in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + struct.pack("<I", next_page) + tail


def tiff_grey(width: int, height: int) -> dict[int, tuple[int, int, int]]:
    """Entries of an uncompressed grey picture whose pixels follow a directory of ten entries."""
    return {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 10 + 12 * 9 + 4),
        277: (3, 1, 1),
        278: (4, 1, height),
        279: (4, 1, width * height),
    }

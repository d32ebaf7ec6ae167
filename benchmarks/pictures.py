"""Pictures made on the spot, and the portrait that comes with an installed package."""

import importlib.util
import io
import math
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from oss_faces.values import ImageSize

SIZES: Final = {
    "0.5mp": ImageSize(816, 612),
    "2mp": ImageSize(1632, 1224),
    "12mp": ImageSize(4000, 3000),
    "48mp": ImageSize(8000, 6000),
}
QUALITY: Final = 88
GROUND: Final = (120, 130, 140)
# The head in the portrait of 512 x 512 pixels, with hair and a little of the ground: left, top, right, bottom.
HEAD: Final = (150, 0, 300, 200)
# Heads in a row are not all of one size.
HEAD_SCALES: Final = (0.9, 0.7, 0.8, 0.6)
GRAIN: Final = 4  # noise in grey levels, so that a file is not shorter than a photograph's
# What a telephone's camera writes by day: noise in grey levels after its own smoothing, and the quality of the file.
PHOTO_NOISE: Final = 3.0
PHOTO_QUALITY: Final = 95
# And in a lit room in the evening.
EVENING_NOISE: Final = 6.0


def synthetic_jpeg(size: ImageSize) -> bytes:
    """Smooth colours with a little noise, as JPEG; the same bytes on every call."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 255, (size.height // 16 + 2, size.width // 16 + 2, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize((size.width, size.height), Image.Resampling.BICUBIC)
    pixels = np.asarray(smooth, np.int16) + random.integers(-GRAIN, GRAIN + 1, (size.height, size.width, 3))
    return _jpeg(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))


def portrait_jpeg(size: ImageSize) -> bytes:
    """The portrait of an astronaut (NASA, public domain) in the middle of a picture of this size, as JPEG."""
    return _jpeg(_portrait_of(size))


def photo_jpeg(size: ImageSize, noise: float = PHOTO_NOISE) -> bytes:
    """The portrait as a camera would write it: with noise, at a camera's quality; the same bytes on every call.

    The noise is the same in all three colours, and spread over neighbours: of a sensor's noise that is what is left
    when each pixel has got its colours from its neighbours, and noise in colour is smoothed away.
    """
    random = np.random.default_rng(0)
    drawn = random.standard_normal((size.height + 1, size.width + 1, 1), np.float32)
    # The mean of four values that are drawn apart from each other deviates half as much as each.
    spread = (drawn[1:, 1:] + drawn[:-1, 1:] + drawn[1:, :-1] + drawn[:-1, :-1]) / 2
    pixels = np.asarray(_portrait_of(size), np.float32) + noise * spread
    return _jpeg(Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)), PHOTO_QUALITY)


def crowd_jpeg(size: ImageSize, faces: int) -> bytes:
    """The head of that portrait so many times, in rows and in several sizes, every other one mirrored, as JPEG."""
    canvas = Image.new("RGB", (size.width, size.height), GROUND)
    head = _portrait().crop(HEAD)
    columns = math.ceil(math.sqrt(faces * size.width / size.height * head.height / head.width))
    width, height = size.width // max(columns, 1), size.height // max(math.ceil(faces / max(columns, 1)), 1)
    for place in range(faces):
        fit = min(width / head.width, height / head.height) * HEAD_SCALES[place % len(HEAD_SCALES)]
        drawn = head.resize((round(head.width * fit), round(head.height * fit)))
        if place % 2:
            drawn = drawn.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        left, top = place % columns * width, place // columns * height
        canvas.paste(drawn, (left + (width - drawn.width) // 2, top + (height - drawn.height) // 2))
    return _jpeg(canvas)


def distinct(jpeg: bytes, number: int) -> bytes:
    """The same picture as another file, with another ETag: a comment is put behind its first marker.

    Source: ITU-T T.81, B.2.4.5: COM is FFFE, a length of two bytes that counts itself, and the text.
    """
    text = str(number).encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def _portrait_of(size: ImageSize) -> Image.Image:
    side = size.height
    canvas = Image.new("RGB", (size.width, size.height), GROUND)
    canvas.paste(_portrait().resize((side, side)), ((size.width - side) // 2, 0))
    return canvas


def _portrait() -> Image.Image:
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("benchmarks: scikit-image is not installed; run `make bench`")
    with Image.open(Path(spec.origin).parent / "data" / "astronaut.png") as portrait:
        return portrait.convert("RGB")


def _jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()

"""Pictures made on the spot, and the portrait that comes with an installed package."""

import importlib.util
import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from oss_faces.values import ImageSize

SIZES: Final = {
    "0.5mp": ImageSize(816, 612),
    "2mp": ImageSize(1632, 1224),
    "12mp": ImageSize(4000, 3000),
}
QUALITY: Final = 88
GRAIN: Final = 4  # noise in grey levels, so that a file is about as long as a photograph's


def synthetic_jpeg(size: ImageSize) -> bytes:
    """Smooth colours with a little noise, as JPEG; the same bytes on every call."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 255, (size.height // 16 + 2, size.width // 16 + 2, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize((size.width, size.height), Image.Resampling.BICUBIC)
    pixels = np.asarray(smooth, np.int16) + random.integers(-GRAIN, GRAIN + 1, (size.height, size.width, 3))
    return _jpeg(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))


def portrait_jpeg(size: ImageSize) -> bytes:
    """The portrait of an astronaut (NASA, public domain) in the middle of a picture of this size, as JPEG."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("benchmarks: scikit-image is not installed; run `make bench`")
    with Image.open(Path(spec.origin).parent / "data" / "astronaut.png") as portrait:
        side = size.height
        canvas = Image.new("RGB", (size.width, size.height), (120, 130, 140))
        canvas.paste(portrait.convert("RGB").resize((side, side)), ((size.width - side) // 2, 0))
    return _jpeg(canvas)


def _jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()

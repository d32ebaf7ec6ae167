"""A Pillow picture of any mode to RGB bytes, reduced by averaging, band by band.

Bands keep the peak memory near that of the picture as Pillow holds it: no second full-size picture is made.
Pixels with transparency are laid on mid-grey: it is the one background that neither light nor dark hair and skin
melt into, so the outline of a cut-out head stays visible.
"""

from collections.abc import Callable
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

BACKGROUND: Final = (128, 128, 128)
BAND_PIXELS: Final = 1_000_000
BAND_BYTES: Final = 30 * BAND_PIXELS  # the steps of one band, floating point the largest
ALPHA_MODES: Final = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
TRANSPARENCY: Final = "transparency"

Converter = Callable[[Image.Image], Image.Image]


def render_pixels(image: Image.Image, factor: int, *, keep_alpha: bool = False) -> NDArray[np.uint8]:
    """Convert to RGB and average blocks of `factor` x `factor` pixels.

    Args:
        keep_alpha: keep the transparency of a picture that has one, instead of laying it on the background.

    Returns:
        (ceil(H / factor), ceil(W / factor), 3) uint8 RGB, or (..., 4) RGBA.
    """
    image.load()
    width, height = image.size
    convert = choose_converter(image)
    is_layered = keep_alpha and convert is _on_background
    if is_layered:
        convert = _with_alpha
    pixels = np.empty((-(-height // factor), -(-width // factor), 4 if is_layered else 3), np.uint8)
    rows = max(1, BAND_PIXELS // width // factor) * factor
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = image if rows >= height else image.crop((0, top, width, bottom))
        rgb = convert(band)
        if factor > 1:
            rgb = _reduce(rgb, factor)
        pixels[top // factor : top // factor + rgb.height] = np.asarray(rgb)
    return pixels


def _reduce(band: Image.Image, factor: int) -> Image.Image:
    """Average blocks; the colour of what is transparent has no part in it."""
    if band.mode == "RGBA":
        return band.convert("RGBa").reduce(factor).convert("RGBA")
    return band.reduce(factor)


def choose_converter(image: Image.Image) -> Converter:
    """Choose how bands of this picture become RGB. The choice may look at all pixels (floating point ranges)."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _from_16_bit
    if mode in ("I", "F"):
        return _Stretch(*_value_range(image))
    if mode == "LAB":
        return _lab_converter()
    if mode in ALPHA_MODES or TRANSPARENCY in image.info:
        return _on_background
    return _plain


def _plain(band: Image.Image) -> Image.Image:
    return band if band.mode == "RGB" else band.convert("RGB")


def _on_background(band: Image.Image) -> Image.Image:
    opaque = band.convert("RGBA")
    background = Image.new("RGB", band.size, BACKGROUND)
    background.paste(opaque, mask=opaque)
    return background


def _with_alpha(band: Image.Image) -> Image.Image:
    return band.convert("RGBA")


def _from_16_bit(band: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(band) >> 8).astype(np.uint8)).convert("RGB")


def _lab_converter() -> Converter:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")

    def convert(band: Image.Image) -> Image.Image:
        rgb = ImageCms.applyTransform(band, transform)
        assert rgb is not None, "a transform that is not in place returns a picture"
        return rgb

    return convert


def _value_range(image: Image.Image) -> tuple[float, float]:
    """Black and white of a picture whose mode does not say it: the smallest usual range that holds its values."""
    low, high = cast("tuple[float, float]", image.getextrema())  # of a picture with one band
    if not (np.isfinite(low) and np.isfinite(high)):
        return 0.0, 1.0
    usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    for white in usual:
        if low >= 0 and high <= white:
            return 0.0, white
    return low, max(high, low + 1)


class _Stretch:
    """Scale numbers from black..white to 0..255."""

    def __init__(self, black: float, white: float) -> None:
        self._black, self._gain = black, 255.0 / (white - black)

    def __call__(self, band: Image.Image) -> Image.Image:
        values = (np.asarray(band, np.float32) - self._black) * self._gain
        values = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
        return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8)).convert("RGB")

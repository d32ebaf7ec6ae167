import io

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageFilter

from oss_faces.analysis.compression import compression_losses
from oss_faces.decoding.orientation import turn_upright
from oss_faces.values import Image, ImageSize
from tests.running import portrait

# The face of the portrait after it was made smaller, in a picture whose sides are no multiple of a block.
BOX = np.array([[150, 40, 250, 150]], np.float32)
BOUNDS = (25, 15, 356, 318)


@pytest.fixture(scope="module")
def clean() -> Pillow.Image:
    return Pillow.open(portrait()).convert("RGB").crop(BOUNDS)


def loss(pixels: np.ndarray, box: np.ndarray = BOX, orientation: int = 1, scale: int = 1) -> float:
    height, width = pixels.shape[:2]
    size = ImageSize(width * scale, height * scale)
    return float(compression_losses(Image(np.ascontiguousarray(pixels), size, "png", orientation), box * scale)[0])


def compressed(picture: Pillow.Image, quality: int) -> np.ndarray:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return np.asarray(Pillow.open(file))


def test_lower_quality_loses_more(clean: Pillow.Image) -> None:
    """Twelve qualities from 95 down to 5 stand in their order, far apart at the ends."""
    losses = [loss(compressed(clean, quality)) for quality in np.linspace(95, 5, 12).round().astype(int).tolist()]
    assert losses == sorted(losses)
    assert losses[-1] - losses[0] > 0.3


def test_picture_that_was_not_compressed_loses_nothing(clean: Pillow.Image) -> None:
    """Blur, noise and a small picture made large again are no compression."""
    noise = np.random.default_rng(0).normal(0, 20, np.asarray(clean).shape)
    small = clean.resize((clean.width // 3, clean.height // 3))
    harmed = [
        np.asarray(clean.filter(ImageFilter.GaussianBlur(2))),
        np.clip(np.asarray(clean) + noise, 0, 255).astype(np.uint8),
        np.asarray(small.resize(clean.size, Pillow.Resampling.BICUBIC)),
        np.full((200, 200, 3), 90, np.uint8),
    ]
    assert [loss(pixels) for pixels in harmed] == [0.0] * 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_picture_loses_as_much(clean: Pillow.Image, orientation: int) -> None:
    """The blocks are found where they lie after the picture was turned upright; beside them there would be nothing."""
    file = compressed(clean, 40)
    turned = turn_upright(np.ascontiguousarray(file), orientation)
    middle = np.array([[x - 50, y - 50, x + 50, y + 50] for y, x in [np.array(turned.shape[:2]) / 2]], np.float32)
    assert loss(turned, middle, orientation) > 0.4
    assert loss(turned[4:-4, 4:-4], middle, orientation) < 0.1


def test_nothing_is_told_where_nothing_can_be_seen(clean: Pillow.Image) -> None:
    """A picture that was read at half its size, or holds no four blocks, gives 0."""
    file = compressed(clean, 10)
    assert loss(file, scale=2) == 0.0
    assert loss(file[:30], np.array([[10, 5, 30, 25]], np.float32)) == 0.0


def test_face_at_the_edge_is_judged_by_whole_blocks_inside(clean: Pillow.Image) -> None:
    """A box that reaches past the picture is no error."""
    file = compressed(clean, 10)
    boxes = np.array([[-20, -20, 60, 60], [280, 250, 400, 400]], np.float32)
    assert (compression_losses(Image(file, ImageSize(file.shape[1], file.shape[0]), "jpeg"), boxes) > 0.3).all()

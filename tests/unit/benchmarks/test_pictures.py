import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.pictures import EVENING_NOISE, SIZES, crowd_jpeg, distinct, photo_jpeg, portrait_jpeg
from oss_faces.values import ImageSize


def test_distinct_files_show_the_same_picture():
    """Bytes differ, pixels do not."""
    jpeg = crowd_jpeg(ImageSize(320, 240), 3)
    files = [distinct(jpeg, number) for number in range(3)]
    assert len({hashlib.md5(file).hexdigest() for file in files}) == 3
    pixels = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
    assert all((one == pixels[0]).all() for one in pixels)


@pytest.mark.parametrize("faces", [0, 1, 8, 50])
def test_a_crowd_fits_its_picture(faces: int):
    """The picture has the size asked for, and shows more the more faces it has."""
    size = SIZES["0.5mp"]
    picture = Image.open(io.BytesIO(crowd_jpeg(size, faces)))
    assert (picture.width, picture.height) == (size.width, size.height)
    is_drawn = np.abs(np.asarray(picture, int) - (120, 130, 140)).max() > 30
    assert is_drawn == (faces > 0)


def test_a_photo_is_the_portrait_with_the_noise_of_a_camera():
    """The same picture, no pixel brighter or darker on the whole, with noise, in a file as long as a camera's."""
    size = ImageSize(816, 612)
    photo, smooth = photo_jpeg(size), portrait_jpeg(size)
    assert photo == photo_jpeg(size)
    noise = np.asarray(Image.open(io.BytesIO(photo)), float) - np.asarray(Image.open(io.BytesIO(smooth)), float)
    ground = noise[:, :50]
    assert abs(ground.mean()) < 0.1
    assert ground.std() == pytest.approx(3, abs=0.5)
    assert 2 * len(smooth) < len(photo) < size.pixels / 2


def test_more_noise_makes_a_longer_file():
    """The same picture in the evening takes more to read, as it does from a camera."""
    size = ImageSize(816, 612)
    assert 1.15 < len(photo_jpeg(size, EVENING_NOISE)) / len(photo_jpeg(size)) < 1.6

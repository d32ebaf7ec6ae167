import numpy as np
import pytest
from PIL import Image as Pillow

from training.scout.pictures import Sample
from training.scout.scenes import SceneMaker, label

CELLS = 16


def box(x: float, y: float, side: float) -> np.ndarray:
    return np.array([x - side / 2, y - side / 2, x + side / 2, y + side / 2], np.float32)


def test_scene_without_a_face_wants_nothing_and_asks_everywhere():
    """All cells count, and none is wanted."""
    wanted, weights = label([], 128)
    assert wanted.shape == (CELLS, CELLS)
    assert not wanted.any()
    assert (weights == 1).all()


def test_face_of_the_right_size_is_wanted_where_its_centre_lies():
    """The cell of the centre is wanted; its neighbours are not asked."""
    wanted, weights = label([box(44, 68, 16)], 128)
    assert np.argwhere(wanted).tolist() == [[8, 5]]
    assert weights[8, 5] == 1
    assert weights[8, 4] == weights[7, 5] == 0
    assert weights[0, 0] == 1


@pytest.mark.parametrize("side", [6, 40])
def test_face_of_another_size_is_not_asked_for(side):
    """Smaller and larger faces are neither wanted nor wrong."""
    wanted, weights = label([box(64, 64, side)], 128)
    assert not wanted.any()
    assert weights[7, 7] == 0


def test_neighbouring_faces_do_not_erase_each_other():
    """A wanted cell stays wanted when another face lies beside it."""
    wanted, weights = label([box(44, 68, 16), box(56, 68, 16)], 128)
    assert wanted[8, 5] == weights[8, 5] == 1


@pytest.fixture
def samples() -> list[Sample]:
    portrait = Pillow.new("RGB", (120, 160), (200, 150, 120))
    ground = Pillow.new("RGB", (200, 100), (10, 90, 30))
    return [
        Sample(portrait, np.array([[40, 40, 80, 90]], np.float32), is_portrait=True),
        Sample(ground, np.zeros((0, 4), np.float32), is_portrait=False),
    ]


def test_scenes_repeat_with_the_seed(samples):
    """The same seed draws the same scenes."""
    once, again = (SceneMaker(samples, 128, np.random.default_rng(5)).make() for _ in range(2))
    assert np.array_equal(once.pixels, again.pixels)
    assert np.array_equal(once.wanted, again.wanted)


def test_scenes_show_faces_and_ground(samples):
    """Among a hundred scenes some want a face and some do not; all have the shapes that training expects."""
    maker = SceneMaker(samples, 128, np.random.default_rng(1))
    scenes = [maker.make() for _ in range(100)]
    assert {scene.pixels.shape for scene in scenes} == {(128, 128, 3)}
    assert {scene.pixels.dtype for scene in scenes} == {np.dtype(np.uint8)}
    counts = [int(scene.wanted.sum()) for scene in scenes]
    assert min(counts) == 0
    assert max(counts) > 0

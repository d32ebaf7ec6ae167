from pathlib import Path

import numpy as np
import pytest

from benchmarks.gallery import DIMENSIONS, PROBES, Gallery, fill, make_gallery, nearest
from oss_faces.vectors import MemoryVectorIndex


@pytest.fixture(scope="module")
def real_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors around one place, two of them of pictures in which no face was found."""
    folder = tmp_path_factory.mktemp("kept")
    vectors = np.random.default_rng(3).standard_normal((600, DIMENSIONS)) * 0.02 + DIMENSIONS**-0.5
    vectors[:2] = np.nan
    np.savez(folder / "set.npz", vectors=vectors, ids=np.arange(600))
    return folder


def test_random_galleries_point_anywhere():
    """Without real vectors, none is near another, all have length 1, and no probe is among them."""
    gallery = make_gallery(2000, None)
    assert gallery.vectors.shape == (2000, DIMENSIONS)
    assert gallery.probes.shape == (PROBES, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(gallery.vectors, axis=1), 1, atol=1e-5)
    assert (gallery.probes @ gallery.vectors.T).max() < 0.7


def test_half_of_a_real_gallery_lies_like_the_real_ones(real_folder):
    """Real vectors are in it, those looked for are not, and about half of all lie where real ones do."""
    gallery = make_gallery(2000, real_folder)
    real = np.load(real_folder / "set.npz")["vectors"][2:]
    real = (real / np.linalg.norm(real, axis=1, keepdims=True)).astype(np.float32)
    assert ((real @ gallery.vectors.T).max(axis=1) > 0.9999).sum() == 598 - PROBES // 2
    assert (gallery.probes @ gallery.vectors.T).max() < 0.9999
    near = (gallery.vectors @ real.mean(axis=0) > 0.8).mean()
    assert 0.45 < near < 0.75
    assert np.isfinite(gallery.vectors).all()


def test_the_nearest_are_those_of_the_reference():
    """The plain product finds what the reference index finds, over several blocks."""
    gallery = make_gallery(1000, None)
    few = Gallery(gallery.vectors, gallery.probes[:5])
    index = MemoryVectorIndex(DIMENSIONS)
    fill(index, gallery.vectors)
    assert len(index) == 1000
    np.testing.assert_array_equal(nearest(few, 10, block_rows=300), index.search(few.probes, 10).numbers)

"""From the trained network to what is served: quality, and whole numbers. These need PyTorch."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from oss_faces.analysis.crops import CROP_SIDE  # noqa: E402  after the check for torch
from oss_faces.analysis.reading import INPUT, OUTPUTS  # noqa: E402
from oss_faces.inference import OnnxSession  # noqa: E402
from training.calibration import Calibration  # noqa: E402
from training.export import OUTPUT_SIZES, to_onnx  # noqa: E402
from training.losses import BINARY_HEADS  # noqa: E402
from training.network import AttributeNetwork, QualityHead, WholeNetwork  # noqa: E402
from training.quality.fitting import FittingSettings, fit_quality, matched_shares  # noqa: E402

PLAIN = Calibration(dict.fromkeys(BINARY_HEADS, (1.0, 0.0)), 1.0, 1.0, (1.0, 0.0), (0.1, 0.5))
# Coarse patterns of every brightness and strength: the answers to them lie far apart.
_PATTERNS = np.random.default_rng(0).normal(0, 1, (24, 7, 7, 3)) * np.linspace(5, 90, 24)[:, None, None, None]
CROPS = np.clip(_PATTERNS + np.linspace(240, 20, 24)[:, None, None, None], 0, 255).astype(np.uint8)
CROPS = CROPS.repeat(CROP_SIDE // 7, axis=1).repeat(CROP_SIDE // 7, axis=2)


@pytest.fixture(scope="module")
def network() -> WholeNetwork:
    """A network that has learnt nothing but how bright its input is: its normalisation fits the crops."""
    torch.manual_seed(0)
    plain = AttributeNetwork().train()
    pixels = torch.from_numpy(CROPS).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        for _ in range(30):
            plain(pixels)
    return WholeNetwork(plain, QualityHead()).eval()


def test_exported_file_answers_in_whole_numbers(network: WholeNetwork) -> None:
    """It is small, has the outputs that serving reads, takes any batch, and its convolutions are in whole numbers."""
    content = to_onnx(network, PLAIN, CROPS, agreement=0.8)  # what was never taught says hardly anything
    assert len(content) < 4e6
    assert b"QuantizeLinear" in content
    assert tuple(OUTPUT_SIZES) == OUTPUTS
    few = CROPS[:5]
    given = OnnxSession(content).run({INPUT: few})
    assert [part.shape for part in given] == [(5, size) for size in OUTPUT_SIZES.values()]


def test_share_of_matched_photos_leaves_out_the_photo_itself() -> None:
    """Two photos of one person that look alike match, a third does not; a lone photo tells nothing."""
    vectors = np.zeros((4, 2, 3), np.float32)
    vectors[:2, :, 0] = vectors[2, :, 1] = vectors[3, :, 2] = 1.0
    shares = matched_shares(vectors, np.array([7, 7, 7, 8]))
    assert shares[:2] == pytest.approx(0.5, abs=1e-3)
    assert shares[2] == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(shares[3]).all()


def test_fitted_quality_tells_bright_faces_from_dark_ones(network: WholeNetwork, tmp_path: Path) -> None:
    """Where all photos in bright light match each other and those in the dark nothing, the head learns just that."""
    pixels = np.concatenate([CROPS[:8], CROPS[-8:]])
    vectors = np.concatenate([np.eye(1, 40).repeat(8, axis=0), np.eye(40)[1:9]]).astype(np.float32)
    prepared = tmp_path / "quality.npz"
    held_out = np.arange(16) % 8 == 7
    np.savez(prepared, crops=pixels[:, None], vectors=vectors[:, None], identity=np.zeros(16, int), held_out=held_out)
    told: list[str] = []
    fitted = WholeNetwork(
        network.network, fit_quality(network.network, prepared, told.append, FittingSettings(epochs=400))
    )
    with torch.no_grad():
        quality = fitted(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1)["quality"][:, 0]
    assert quality[:8].min() > quality[8:].max()
    assert len(told) == 2

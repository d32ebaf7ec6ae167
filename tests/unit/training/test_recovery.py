"""These need PyTorch, which is part of the `train` extra only."""

import importlib.resources

import numpy as np
import pytest

from oss_faces.inference.session import OnnxSession

torch = pytest.importorskip("torch", reason="needs the train extra")

from oss_faces.analysis.reading import EMOTIONS, INPUT  # noqa: E402  after the check for torch
from training.averaging import mean_of  # noqa: E402
from training.network import QualityHead, WholeNetwork  # noqa: E402
from training.recovery import recover  # noqa: E402


def shipped() -> bytes:
    return (importlib.resources.files("oss_faces") / "models" / "attributes.onnx").read_bytes()


def blurred_noise(count: int) -> np.ndarray:
    """Crops with some structure in them."""
    coarse = np.random.default_rng(3).integers(0, 256, (count, 7, 7, 3), dtype=np.uint8)
    return np.ascontiguousarray(coarse.repeat(16, axis=1).repeat(16, axis=2))


def test_a_recovered_network_says_what_its_file_says() -> None:
    """The order of emotions and the gender come out of the recovered network as out of the file."""
    crops = blurred_noise(64)
    whole = WholeNetwork(recover(shipped(), crops), QualityHead()).eval()
    with torch.no_grad():
        raw = whole(torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1)
    session = OnnxSession(shipped())
    outputs = [value.name for value in session._session.get_outputs()]
    stated = dict(zip(outputs, session.run({INPUT: crops}), strict=True))
    log_odds = np.log(stated["gender"][:, 0] / (1 - stated["gender"][:, 0]))
    assert np.corrcoef(raw["gender"][:, 0].numpy(), log_odds)[0, 1] > 0.97
    own = raw["emotion"].softmax(dim=1).numpy()
    assert own.shape == (64, len(EMOTIONS))
    assert np.mean(own.argmax(axis=1) == stated["emotion"].argmax(axis=1)) > 0.9


def test_a_file_of_another_network_is_refused() -> None:
    """What holds fewer convolutions is no attribute network."""
    scout = (importlib.resources.files("oss_faces") / "models" / "scout.onnx").read_bytes()
    with pytest.raises((ValueError, KeyError)):
        recover(scout, blurred_noise(4))


def test_the_mean_of_a_network_with_itself_answers_as_it_does() -> None:
    """Averaging changes nothing where there is nothing to average, and the normalisations are measured anew."""
    crops = blurred_noise(128)
    network = recover(shipped(), crops).eval()
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
    mean = mean_of([network, network], [batch])
    with torch.no_grad():
        assert torch.allclose(mean(batch)["age"], network(batch)["age"], atol=0.05)
        assert int(mean.stem[1].num_batches_tracked) == 1

"""These need PyTorch, which is part of the `train` extra only."""

from collections.abc import Mapping

import numpy as np
import pytest

from evaluation.attributes_labels import LABELS

torch = pytest.importorskip("torch", reason="needs the train extra")

from training.__main__ import opened  # noqa: E402
from training.augmentation import Batch, augment, sharpness_of  # noqa: E402  after the check for torch
from training.cache import Faces, draw, epoch_size  # noqa: E402
from training.learning import as_served  # noqa: E402
from training.loop import start  # noqa: E402
from training.losses import expected_age, losses_of  # noqa: E402
from training.network import AUXILIARY_HEADS, DETAIL_HEADS, HEADS, AttributeNetwork  # noqa: E402
from training.settings import BOOSTS, CACHE_SIDE, SOURCES, TrainingSettings  # noqa: E402


def unknown(count: int) -> dict[str, "torch.Tensor"]:
    nothing = float("nan")
    return {
        "labels": torch.full((count, 9), nothing),
        "celeba": torch.full((count, 40), nothing),
        "pose": torch.full((count, 3), nothing),
        "points": torch.full((count, 68, 2), nothing),
        "sharpness": torch.full((count,), 0.5),
        "clarity": torch.full((count,), 0.5),
    }


def outputs(count: int) -> Mapping[str, "torch.Tensor"]:
    torch.manual_seed(0)
    return AttributeNetwork()(torch.randn(count, 3, 112, 112))


def test_network_has_every_head() -> None:
    """One forward pass gives all heads, each of its size."""
    sizes = {name: value.shape[1] for name, value in outputs(2).items()}
    assert sizes == HEADS | AUXILIARY_HEADS | DETAIL_HEADS


def test_unknown_labels_teach_nothing() -> None:
    """A set that tells nothing moves no head but the two that augmentation teaches, and stays finite."""
    out = outputs(3)
    losses = losses_of(out, unknown(3))
    quiet = {name for name, loss in losses.items() if float(loss.detach()) == 0.0}
    assert quiet == set(losses) - {"sharpness", "clarity"}
    sum(losses.values()).backward()


def test_one_known_label_counts_alone() -> None:
    """The loss is the mean over the faces that are labelled, not over the batch."""
    out = outputs(4)
    targets = unknown(4)
    targets["labels"][2, 0] = 1.0
    wanted = -torch.nn.functional.logsigmoid(out["gender"][2, 0])
    stated = losses_of(out, targets)["gender"].detach()
    assert float(stated) == pytest.approx(float(wanted.detach()), rel=1e-5)


def test_age_is_a_distribution() -> None:
    """A peak at 30 is an age of 30 with a small spread; no opinion is 50 with the spread of all ages."""
    logits = torch.zeros(2, 101)
    logits[0, 30] = 50.0
    mean, sd = expected_age(logits)
    assert mean.tolist() == pytest.approx([30, 50], abs=1e-3)
    assert float(sd[0]) < 0.05
    assert float(sd[1]) == pytest.approx(29.15, abs=0.01)


def test_sharpness_falls_with_every_harm() -> None:
    """By definition: each kind of harm alone lowers it, step by step."""
    steps = torch.linspace(0, 1, 12)
    none, one = torch.zeros(12), torch.ones(12)
    ladders = [
        sharpness_of(steps * 4, one, one, 100 * one, none),
        sharpness_of(none, 1 + steps * 3, one, 100 * one, none),
        sharpness_of(none, one, 1 + steps * 5, 100 * one, none),
        sharpness_of(none, one, one, 95 - 90 * steps, none),
        sharpness_of(none, one, one, 100 * one, steps * 0.2),
    ]
    for ladder in ladders:
        assert float(ladder[0]) == pytest.approx(1)
        assert (ladder.diff() < 0).all()


def batch(count: int, shrunk: float = 0.0) -> Batch:
    random = np.random.default_rng(0)
    crops = torch.from_numpy(random.integers(0, 256, (count, CACHE_SIDE, CACHE_SIDE, 3), np.uint8))
    frame = torch.tensor([[100.0, 100.0, 120.0, 0.1, 200.0, 200.0]]).repeat(count, 1)
    points = torch.from_numpy(random.uniform(-0.5, 0.5, (count, 68, 2)).astype(np.float32))
    pose = torch.tensor([[5.0, 20.0, -10.0]]).repeat(count, 1)
    return Batch(crops, frame, pose, points, torch.full((count,), shrunk))


def test_augmentation_repeats_with_its_seed() -> None:
    """The same generator gives the same batch; another seed another one."""
    made = [augment(batch(16), torch.Generator().manual_seed(seed)).crops for seed in (1, 1, 2)]
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_faces_of_crowds_are_shrunk_however_little_is_harmed() -> None:
    """Without harm every face stays as it is; those of a set that is always shrunk lose sharpness."""
    plain, small = (
        augment(batch(32, shrunk), torch.Generator().manual_seed(0), harm=0.0).sharpness for shrunk in (0.0, 1.0)
    )
    assert (plain == 1).all()
    assert (small < 1).all()


def test_run_starts_from_the_averaged_weights_of_an_earlier_one(tmp_path) -> None:
    """Both the learning and the averaged network begin there; a checkpoint of the run itself goes before."""
    settings = TrainingSettings()
    earlier = start(settings, tmp_path / "none.pt")
    with torch.no_grad():
        earlier.averaged.heads["gender"].bias.fill_(7.0)
    earlier.save(tmp_path / "earlier.pt")
    first = opened(tmp_path / "earlier.pt", np.zeros((0, 112, 112, 3), np.uint8))
    state = start(settings, tmp_path / "own.pt", first)
    assert float(state.network.heads["gender"].bias.detach()) == 7.0
    assert float(state.averaged.heads["gender"].bias.detach()) == 7.0
    assert state.step == 0
    state.step = 5
    state.save(tmp_path / "own.pt")
    assert start(settings, tmp_path / "own.pt", first).step == 5


def test_rare_faces_are_drawn_more_often() -> None:
    """A face with sunglasses counts in the size of an epoch as often as its boost says."""
    labels = np.full((2, len(LABELS)), np.nan, np.float32)
    labels[1, LABELS.index("glasses")] = 2.0
    nothing = np.zeros((2, 6), np.float32)
    faces = Faces((), np.zeros(2, np.intp), np.arange(2), nothing, labels, nothing, nothing, nothing)
    usual = next(iter(SOURCES.values())).weight
    boost = next(one.factor for one in BOOSTS if one.label == "glasses" and one.low == 2.0)
    drawn = np.concatenate(
        [part for part, _ in zip(draw(faces, 10, np.random.default_rng(0)), range(200), strict=False)]
    )
    assert epoch_size(faces) == int(usual + usual * boost)
    assert (drawn == 1).sum() / (drawn == 0).sum() == pytest.approx(boost, rel=0.1)


def test_training_faces_are_judged_as_they_would_be_served() -> None:
    """Of a wide crop the middle is kept, one part in its margin smaller, with the labels of those faces."""
    wide = np.zeros((3, CACHE_SIDE, CACHE_SIDE, 3), np.uint8)
    wide[:, 16:144, 16:144] = np.array([50, 100, 150], np.uint8)[:, None, None, None]
    column = np.arange(3, dtype=np.float32)[:, None]
    faces = Faces((wide,), np.zeros(3, np.intp), np.arange(3), column, column, column, column, column)
    served = as_served(faces, 2)
    pixels = served.pixels(np.arange(2)).numpy()
    assert pixels.shape == (2, 112, 112, 3)
    assert [set(np.unique(one)) for one in pixels] == [{50 * (1 + int(label))} for label in served.labels[:, 0]]


def test_pose_follows_mirror_and_rotation() -> None:
    """Pitch stays, yaw changes its sign at most, and so does the roll that was there before rotation."""
    made = augment(batch(64), torch.Generator().manual_seed(0))
    assert (made.pose[:, 0] == 5).all()
    assert set(made.pose[:, 1].tolist()) == {20.0, -20.0}
    mirrored = made.pose[:, 1] < 0
    assert float(made.pose[~mirrored, 2].mean()) < 0 < float(made.pose[mirrored, 2].mean())


def test_targets_and_pixels_stay_in_range() -> None:
    """What the network is given lies in -1..1, what it is asked in 0..1."""
    made = augment(batch(64), torch.Generator().manual_seed(0))
    assert float(made.crops.abs().max()) <= 1
    for target in (made.sharpness, made.clarity):
        assert 0 <= float(target.min()) <= float(target.max()) <= 1

"""A network taught by others. These need PyTorch, which is part of the `train` extra only."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from training.batches import crops_of, crops_seen, taught  # noqa: E402  after the check for torch
from training.cache import Faces  # noqa: E402
from training.loop import weighed  # noqa: E402
from training.network import AttributeNetwork  # noqa: E402
from training.settings import CACHE_SIDE, TrainingSettings  # noqa: E402
from training.teaching import LESSON_PREFIX, LESSONS, Teachers, lesson_losses, mix  # noqa: E402


@pytest.fixture(scope="module")
def network() -> AttributeNetwork:
    torch.manual_seed(0)
    return AttributeNetwork().eval()


def faces(count: int) -> "torch.Tensor":
    return torch.rand(count, 3, 112, 112, generator=torch.Generator().manual_seed(3)) * 2 - 1


def test_lesson_is_the_same_in_the_mirror(network: AttributeNetwork) -> None:
    """The teacher looks twice: only turning and leaning change sides."""
    teachers, random = Teachers([network], compiled=False), torch.Generator().manual_seed(0)
    plain, mirrored = (teachers.lesson(crops, random) for crops in (faces(2), faces(2).flip(3)))
    signs = torch.tensor([1.0, -1.0, -1.0])
    assert set(plain) == set(LESSONS)
    for name, said in plain.items():
        wanted = mirrored[name] * signs if name == "pose" else mirrored[name]
        assert torch.allclose(said, wanted, atol=1e-5), name
    assert (plain["pose"].abs().amax(dim=0) > 0).all()


def test_each_teacher_has_his_turn(network: AttributeNetwork) -> None:
    """One at a time, by chance."""
    other = AttributeNetwork().eval()
    teachers, random = Teachers([network, other], compiled=False), torch.Generator().manual_seed(0)
    said = [float(teachers.lesson(faces(1), random)["gender"][0, 0]) for _ in range(12)]
    assert len(set(said)) == 2


def test_what_says_the_same_as_its_teacher_has_nothing_to_learn(network: AttributeNetwork) -> None:
    """In every head the loss is least where the learner agrees: any step from there makes it larger."""
    out = {name: value.detach() for name, value in network(faces(4)).items()}
    lessons = {name: out[name] for name in LESSONS}
    agreed = lesson_losses(out, lessons)
    assert set(agreed) == set(LESSONS)
    for name in LESSONS:
        step = torch.zeros_like(out[name])
        step[:, 0] = 0.5
        for moved in (out[name] + step, out[name] - step):
            assert float(lesson_losses(out | {name: moved}, lessons)[name]) > float(agreed[name]), name


def test_a_share_of_the_faces_is_laid_over_the_next() -> None:
    """Each mixture lies between its two faces; the rest stays as it is."""
    crops = faces(6)
    out, mixed = mix(crops, 0.5, torch.Generator().manual_seed(0))
    assert mixed.tolist() == [True] * 3 + [False] * 3
    assert torch.equal(out[3:], crops[3:])
    after = crops.roll(-1, 0)
    for place in range(3):
        low, high = torch.minimum(crops[place], after[place]), torch.maximum(crops[place], after[place])
        assert ((out[place] >= low - 1e-6) & (out[place] <= high + 1e-6)).all()
        assert not torch.allclose(out[place], crops[place])


def batch(count: int) -> dict[str, "torch.Tensor"]:
    """Faces of which everything is known."""
    return {
        "crops": (faces(count) * 127.5 + 127.5).byte(),
        "labels": torch.ones(count, 9),
        "celeba": torch.ones(count, 40),
        "pose": torch.ones(count, 3),
        "points": torch.ones(count, 68, 2),
        "sharpness": torch.ones(count),
        "clarity": torch.ones(count),
    }


def test_no_label_belongs_to_a_mixture(network: AttributeNetwork) -> None:
    """Those of the other faces stay, and the teacher is asked about the very crops that the learner sees."""
    teachers, random = Teachers([network], compiled=False), torch.Generator().manual_seed(0)
    made = taught(batch(6), teachers, 0.5, random)
    assert made["crops"].dtype == torch.uint8
    for name in ("labels", "celeba", "pose", "points", "sharpness", "clarity"):
        assert made[name][:3].isnan().all(), name
        assert (made[name][3:] == 1).all(), name
    said = teachers.lesson(crops_of(made), random)
    for name in LESSONS:
        assert torch.equal(made[LESSON_PREFIX + name], said[name]), name


def some_faces(count: int) -> Faces:
    """Faces of one set of which nothing is known."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, CACHE_SIDE, CACHE_SIDE, 3), np.uint8)
    frame = np.tile(np.array([100, 100, 120, 0.1, 200, 200], np.float32), (count, 1))
    labels, celeba, pose, points = (
        np.full((count, *rest), np.nan, np.float32) for rest in ((9,), (40,), (3,), (68, 2))
    )
    return Faces((pixels,), np.zeros(count, np.intp), np.arange(count), frame, labels, celeba, pose, points)


def test_a_mean_is_measured_on_as_many_mixtures_as_its_runs_saw() -> None:
    """The share of the crops is laid over, the others are those that are seen without."""
    settings = TrainingSettings(batch=4)
    plain, mixed = (next(crops_seen(some_faces(8), settings, share)) for share in (0.0, 0.5))
    assert plain.shape == (4, 3, 112, 112)
    assert [torch.equal(one, other) for one, other in zip(plain, mixed, strict=True)] == [False, False, True, True]


def test_mixtures_are_taught_by_the_teacher_alone(network: AttributeNetwork) -> None:
    """Where no label is known the labels add nothing, and every head that has a teacher learns from him."""
    made = taught(batch(2), Teachers([network], compiled=False), 1.0, torch.Generator().manual_seed(0))
    losses, _ = weighed(network(faces(2)), made, TrainingSettings())
    assert all((float(loss.detach()) > 0) == name.startswith(LESSON_PREFIX) for name, loss in losses.items())


def test_labels_count_less_beside_lessons(network: AttributeNetwork) -> None:
    """The teacher counts as much as the labels would without him; what he does not teach counts as ever."""
    settings = TrainingSettings()
    made = taught(batch(2), Teachers([network], compiled=False), 0.5, torch.Generator().manual_seed(0))
    losses, weights = weighed(network(faces(2)), made, settings)
    assert set(losses) == set(weights)
    for name, weight in settings.loss_weights.items():
        share = settings.labels_beside_lessons if name in LESSONS else 1.0
        assert weights[name] == pytest.approx(share * weight), name
    assert {name: weights[LESSON_PREFIX + name] for name in LESSONS} == {
        name: settings.loss_weights[name] for name in LESSONS
    }
    assert weighed(network(faces(2)), batch(2), settings)[1] == settings.loss_weights

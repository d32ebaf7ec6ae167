import pytest

from evaluation.attributes_labels import labels_of
from training.sources import CELEBA, celeba_of, is_forbidden, is_held_out


def test_test_persons_of_celeba_are_never_seen() -> None:
    """`val` of celeba10k is a test set here, and faces that are in both files are read once."""
    row = {"split": "train", "also_in_celeba_wild": 0}
    assert not is_forbidden("celeba10k", row)
    assert is_forbidden("celeba10k", row | {"split": "val"})
    assert is_forbidden("celeba10k", row | {"also_in_celeba_wild": 1})


def test_a_person_is_on_one_side_in_both_files_of_celeba() -> None:
    """Persons occur in both files: being held out depends on the person alone, and some are."""
    sides = [
        {is_held_out(name, {"split": "train", "identity": person}) for name in ("celeba_wild", "celeba10k")}
        for person in range(400)
    ]
    assert all(len(side) == 1 for side in sides)
    assert 0 < sum(side == {True} for side in sides) < 80


def test_own_val_is_held_out() -> None:
    """Where a set has a `val`, that is the calibration part."""
    assert is_held_out("utkface", {"split": "val", "id": "x"})
    assert not is_held_out("utkface", {"split": "train", "id": "x"})


def test_forty_attributes_only_from_celeba() -> None:
    """Other sets tell nothing of them."""
    row: dict[str, object] = dict.fromkeys(CELEBA, 1)
    assert celeba_of("celeba_wild", row) == [1.0] * 40
    assert all(value != value for value in celeba_of("utkface", row))  # noqa: PLR0124  nan differs from itself


@pytest.mark.parametrize(("eyeglasses", "kind", "wanted"), [(0, -1, 0.0), (1, 0, 1.0), (1, 1, 2.0), (1, -1, 3.0)])
def test_kind_of_glasses(eyeglasses: int, kind: int, wanted: float) -> None:
    """None, clear, dark, and glasses of a kind that nobody noted."""
    row = dict.fromkeys(CELEBA, 0) | {"Eyeglasses": eyeglasses, "sunglasses": kind, "No_Beard": 1}
    assert labels_of("celeba10k", row)["glasses"] == wanted

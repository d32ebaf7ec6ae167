"""Inputs that once did harm do none any more."""

import pytest

from fuzzing.target import FOUND
from fuzzing.targets import TARGETS

KEPT = sorted(f"{file.parent.name}/{file.name}" for file in FOUND.glob("*/*"))


@pytest.mark.parametrize("kept", KEPT)
def test_kept_finding_does_no_harm(kept):
    """Each input that fuzzing found is answered or refused."""
    target = TARGETS[kept.partition("/")[0]]()
    assert target.outcome((FOUND / kept).read_bytes())


def test_every_kept_finding_belongs_to_a_target():
    """A folder whose target was renamed would never be replayed."""
    assert {kept.partition("/")[0] for kept in KEPT} <= set(TARGETS)

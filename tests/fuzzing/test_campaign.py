"""A short campaign over everything that reads bytes from outside, and proof that a campaign sees what it is to see."""

import pytest

from fuzzing.targets import TARGETS
from fuzzing.watching import Campaign, watch
from tests.fuzzing import bad_targets

BUDGET_S = 15.0


@pytest.mark.timeout(300)
def test_nothing_from_outside_does_harm():
    """A quarter of a minute of changed inputs over all parsers and decoders: each is answered or refused."""
    campaign = Campaign(TARGETS, BUDGET_S, BUDGET_S / len(TARGETS))
    tally = watch(campaign, lambda _: None)
    assert [(found.target, found.kind, found.detail, found.data) for found in tally.findings] == []
    assert set(tally.executions) == set(TARGETS)


@pytest.mark.parametrize(
    ("target", "kind", "detail", "data"),
    [
        (bad_targets.raising, "exception", "IndexError", b"abc"),
        (bad_targets.crashing, "crash", "SIGSEGV", b"crash me"),
        (bad_targets.looping, "hang", "time on a processor", b"endless"),
        (bad_targets.growing, "memory", "MiB resident", b"more"),
    ],
)
def test_harm_is_seen_and_its_input_kept(target, kind, detail, data):
    """An exception, a crash, an endless loop and a process that grows: each is told with the input that did it."""
    tally = watch(Campaign({"bad": target}, 0.1, 0.1), lambda _: None)
    found = tally.findings[0]
    assert (found.kind, found.data) == (kind, data)
    assert detail in found.detail


def test_refusal_is_no_finding():
    """An error that is documented for a parser is its answer."""
    tally = watch(Campaign({"bad": bad_targets.refusing}, 0.1, 0.1), lambda _: None)
    assert tally.findings == []
    assert tally.executions["bad"] > 0


def test_inputs_that_go_a_new_way_are_built_upon(tmp_path):
    """A word of four letters is found letter by letter, which chance alone would need billions of inputs for."""
    campaign = Campaign({"guarded": bad_targets.guarded}, 20, 20, kept=tmp_path)
    found = []
    while not found:
        tally = watch(campaign, lambda _: None)
        found = [finding.data for finding in tally.findings if finding.kind == "exception"]
    assert found[0].startswith(bad_targets.SECRET)
    assert any(file.read_bytes().startswith(b"go") for file in (tmp_path / "guarded").iterdir())

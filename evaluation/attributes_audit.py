"""Labels of test sets that are plainly wrong, found by looking at the surest disagreements one by one.

Such a search can only raise a figure, as nobody looks where label and answer agree. So figures on the audited labels
stand beside those on the labels as they came, and never in their place.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from evaluation.attributes_labels import LABELS
from evaluation.attributes_seen import Seen

AUDITED: Final = Path(__file__).with_name("audited_labels.json")


@dataclass(frozen=True, slots=True)
class Correction:
    """One label that is wrong.

    Attributes:
        set, id: of the picture.
        attribute: one of `attributes_labels.LABELS`.
        label: the right one; `None`: this label is left out.
        reason: what is to be seen.
    """

    set: str
    id: str
    attribute: str
    label: float | None
    reason: str


def read_corrections(path: Path = AUDITED) -> list[Correction]:
    """Read the committed list."""
    corrections = [Correction(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    assert all(one.attribute in LABELS for one in corrections), "a correction names a label that exists"
    return corrections


def audited(of: str, seen: Sequence[Seen], corrections: Sequence[Correction]) -> list[Seen]:
    """Return the same faces with the labels of a set put right."""
    by_id: dict[str, list[Correction]] = {}
    for one in corrections:
        if one.set == of:
            by_id.setdefault(one.id, []).append(one)
    return [replace(one, labels=_corrected(one, by_id.get(one.id, []))) for one in seen]


def _corrected(one: Seen, corrections: Sequence[Correction]) -> dict[str, float]:
    labels = dict(one.labels)
    for correction in corrections:
        if correction.label is None:
            labels.pop(correction.attribute, None)
        else:
            labels[correction.attribute] = correction.label
    return labels

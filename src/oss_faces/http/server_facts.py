"""What the server tells of itself that does not change: networks, what is measured of them, what a similarity means."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from oss_faces.inference import Cards, ModelSpec
from oss_faces.recognition import Calibration, DecisionSettings

# In hundredths: below, nobody would take two faces for one person.
_LOWEST: Final = 20
_RATE_DIGITS: Final = 4


def model_facts(specs: Sequence[ModelSpec], cards: Cards) -> Sequence[Mapping[str, object]]:
    """Describe the networks in use; `card` is `None` for one of which the package has none."""
    names = ("name", "version", "sha256", "licence", "origin", "input", "output")
    return [{**{name: asdict(spec)[name] for name in names}, "card": cards.by_model.get(spec.name)} for spec in specs]


def recognition_facts(space: str, calibration: Calibration, decision: DecisionSettings) -> Mapping[str, object]:
    """Say from where on two faces are one person, and how often strangers reach each similarity."""
    similarities = [hundredths / 100 for hundredths in range(_LOWEST, 100)]
    rates = [[one, float(f"{calibration.false_match_rate(one):.{_RATE_DIGITS}g}")] for one in similarities]
    return {"space": space, **asdict(decision), "false_match_rates": rates}

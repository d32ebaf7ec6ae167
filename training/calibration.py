"""Turn raw numbers into honest ones: fitted on the calibration part, baked into the exported network."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evaluation.attributes_labels import GLASSES_UNKNOWN_KIND
from evaluation.attributes_metrics import coverage
from training.cache import Faces
from training.losses import BINARY_HEADS, expected_age

Outputs = Mapping[str, NDArray[np.float32]]
FIT_STEPS: Final = 60
COVERAGE: Final = ((1.0, 0.6827), (2.0, 0.9545))
SCALES: Final = np.linspace(0.5, 2.5, 81)
OFFSETS_YEARS: Final = np.linspace(0.0, 3.0, 31)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Corrections of all heads.

    Attributes:
        binary: factor and offset of the logit, by head.
        emotion, glasses: factor of the logits.
        age_sd: factor and offset in years of the standard deviation.
        attractive: factor and offset from the standardised number to the rating in 0..1.
    """

    binary: Mapping[str, tuple[float, float]]
    emotion: float
    glasses: float
    age_sd: tuple[float, float]
    attractive: tuple[float, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values for the card."""
        return asdict(self)


def calibrate(faces: Faces, out: Outputs) -> Calibration:
    """Fit every correction on faces that the training has not seen."""
    binary = {name: _fit_binary(out[name][:, 0], faces.label(name)) for name in BINARY_HEADS}
    glasses = faces.label("glasses")
    known = np.where(glasses < GLASSES_UNKNOWN_KIND, glasses, np.nan)
    return Calibration(
        binary,
        _fit_temperature(out["emotion"], faces.label("emotion")),
        _fit_temperature(out["glasses"], known),
        _fit_age_sd(out["age"], faces),
        _fit_line(out["attractive"][:, 0], faces.label("attractive")),
    )


def _minimise(parameters: list[Tensor], loss_of: Any) -> None:
    optimiser = torch.optim.LBFGS(parameters, lr=0.5, max_iter=FIT_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss: Tensor = loss_of()
        loss.backward()
        return loss

    optimiser.step(closure)


def _fit_binary(logits: NDArray[np.float32], labels: NDArray[np.float32]) -> tuple[float, float]:
    known = np.isfinite(labels)
    raw, wanted = torch.from_numpy(logits[known]), torch.from_numpy(labels[known])
    factor, offset = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    _minimise(
        [factor, offset],
        lambda: functional.binary_cross_entropy_with_logits(raw * factor + offset, wanted),
    )
    return float(factor.detach()), float(offset.detach())


def _fit_temperature(logits: NDArray[np.float32], labels: NDArray[Any]) -> float:
    known = np.isfinite(labels)
    raw, wanted = torch.from_numpy(logits[known]), torch.from_numpy(labels[known]).long()
    factor = torch.ones(1, requires_grad=True)
    _minimise([factor], lambda: functional.cross_entropy(raw * factor, wanted))
    return float(factor.detach())


def _fit_age_sd(logits: NDArray[np.float32], faces: Faces) -> tuple[float, float]:
    """Choose the line from raw to stated sd that comes nearest to the wanted coverage.

    The first set alone is used: no other has true ages.
    """
    age = faces.label("age")
    known = np.isfinite(age) & (faces.source == 0)
    mean, sd = (part.numpy() for part in expected_age(torch.from_numpy(logits[known])))
    best, least = (1.0, 0.0), np.inf
    for scale in SCALES:
        for offset in OFFSETS_YEARS:
            stated = scale * sd + offset
            off = sum((coverage(age[known], mean, stated, k) - share) ** 2 for k, share in COVERAGE)
            # Between equals the one that bends the network's own opinion least.
            cost = off + 1e-5 * ((scale - 1) ** 2 + offset**2)
            if cost < least:
                best, least = (float(scale), float(offset)), cost
    return best


def _fit_line(raw: NDArray[np.float32], rating: NDArray[np.float32]) -> tuple[float, float]:
    known = np.isfinite(rating)
    slope, start = np.polyfit(raw[known], rating[known], 1)
    return float(slope), float(start)

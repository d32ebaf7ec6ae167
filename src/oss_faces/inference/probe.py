from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oss_faces.inference.base import Session


@dataclass(frozen=True, slots=True)
class Probe:
    """What a network is asked before it may compute with fewer digits, and how far its answers may be off.

    Attributes:
        inputs: what the engines are timed with.
        limits: the largest difference of each kind, by its name.
        differences: asks two sessions the same, the exact one first, and tells the differences by these names. One
            that is left out is taken as too large: the answers could not be compared.
    """

    inputs: Mapping[str, NDArray[np.uint8]]
    limits: Mapping[str, float]
    differences: Callable[[Session, Session], Mapping[str, float]]

    def allows(self, differences: Mapping[str, float]) -> bool:
        """Tell whether no difference is above its limit, nor missing or no number."""
        return all(name in differences and differences[name] <= limit for name, limit in self.limits.items())

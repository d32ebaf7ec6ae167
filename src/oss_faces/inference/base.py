"""What all inference engines have in common. Importing it brings in none of them."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

CHIPS: Final = "chips"
"""Name of the input of recognition networks: (N, side, side, 3) uint8 RGB."""


class Session(Protocol):
    """A loaded network. Safe to be called from several threads at once."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Compute all outputs, in the order in which the network declares them.

        Raises:
            EngineFailed: the engine refused the input or broke down.
        """
        ...

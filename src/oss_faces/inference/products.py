"""Products of small integers by the inference engine, which has the processor's own instructions for them."""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from oss_faces.inference.base import Session


class IntegerProducts:
    """Multiplies rows of bytes. Safe to be called from several threads at once.

    The engine is imported at the first product: many servers search for nobody.

    On processors without instructions for four bytes at a time the engine adds pairs of products in 16 bits: exact as
    long as the second factor stays between -64 and 64.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._session: Session | None = None

    def __call__(self, first: NDArray[np.uint8], second: NDArray[np.int8]) -> NDArray[np.int32]:
        """Multiply each row of (N, D) with each row of (Q, D): (N, Q).

        Raises:
            EngineFailed: the engine broke down.
        """
        (products,) = self._opened().run({"first": first, "second": np.ascontiguousarray(second.T)})
        return np.asarray(products, np.int32)

    def _opened(self) -> Session:
        with self._lock:
            if self._session is None:
                from oss_faces.inference.products_session import open_products  # noqa: PLC0415  (see above)

                self._session = open_products()
            return self._session

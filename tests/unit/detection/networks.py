"""Networks that see exactly what is drawn for them: the rules of CenterFace and of the scout, without weights."""

from dataclasses import dataclass, field

import numpy as np

# Outputs are at a stride of 4.
STRIDE = 4
SIZE_SCALE = 4


@dataclass
class WhiteSquares:
    """Sees every white rectangle as a face, if its longer side on the canvas is in a range; keeps canvas sizes."""

    smallest: float = 8.0
    largest: float = 1000.0
    score: float = 0.9
    canvases: list[tuple[int, int]] = field(default_factory=list)

    def run(self, inputs):
        canvas = inputs["image"][0]
        height, width = canvas.shape[:2]
        self.canvases.append((width, height))
        rows, columns = height // STRIDE, width // STRIDE
        heat = np.zeros((1, 1, rows, columns), np.float32)
        size, offset = np.zeros((1, 2, rows, columns), np.float32), np.zeros((1, 2, rows, columns), np.float32)
        points = np.full((1, 10, rows, columns), 0.5, np.float32)
        # The grey margin of a canvas is not white.
        for left, top, right, bottom in _rectangles(
            np.where(canvas[:, :, 0] == 127, 0, canvas[:, :, 0]) / np.float32(255)
        ):
            if not self.smallest <= max(right - left, bottom - top) <= self.largest:
                continue
            x, y = (left + right) / 2 / STRIDE, (top + bottom) / 2 / STRIDE
            column, row = min(int(x), columns - 1), min(int(y), rows - 1)
            heat[0, 0, row, column] = self.score
            size[0, :, row, column] = np.log([(bottom - top) / SIZE_SCALE, (right - left) / SIZE_SCALE])
            offset[0, :, row, column] = [y - row - 0.5, x - column - 0.5]
        return [heat, size, offset, points]


@dataclass
class WhiteHints:
    """A scout that suspects a face wherever there is white, and nowhere else."""

    levels: list[tuple[int, int]] = field(default_factory=list)

    def run(self, inputs):
        level = inputs["image"][0, :, :, 0]
        height, width = level.shape
        self.levels.append((width, height))
        padded = np.pad(level, ((0, -height % 8), (0, -width % 8)))
        blocks = padded.reshape(padded.shape[0] // 8, 8, padded.shape[1] // 8, 8)
        return [(blocks.max(axis=(1, 3)) > 127).astype(np.float32)[None] * np.float32(0.9)]


def _rectangles(lightness):
    """Edges of the white rectangles, exact to a fraction of a pixel. They must not share a row or column gap."""
    for rows in _runs(lightness.max(axis=1) > 0.02):
        strip = lightness[rows]
        for columns in _runs(strip.max(axis=0) > 0.02):
            patch = strip[:, columns]
            across, down = patch.max(axis=0), patch.max(axis=1)
            # A grey border pixel is covered in part: its lightness tells how far.
            left, top = columns.start + 1 - across[0], rows.start + 1 - down[0]
            yield left, top, columns.stop - 1 + across[-1], rows.stop - 1 + down[-1]


def _runs(flags):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2)]

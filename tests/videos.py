"""Small videos for tests, encoded as they are needed."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def encode(path: Path, frames: Iterable[Pixels], rate: int = 10, rotation: int = 0, title: str = "") -> Path:
    """Write (H, W, 3) uint8 RGB frames of one size to a file, whose ending chooses the container."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        if title:
            container.metadata["title"] = title
        if rotation:
            stream.set_display_rotation(rotation)
        for place, pixels in enumerate(frames):
            if not place:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = place, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shades(count: int, width: int = 64, height: int = 48) -> list[Pixels]:
    """Frames of one grey each, ten levels apart, with a red bar at the left edge."""
    frames = [np.full((height, width, 3), 10 * place % 250, np.uint8) for place in range(count)]
    for frame in frames:
        frame[:, : width // 4] = (250, 0, 0)
    return frames

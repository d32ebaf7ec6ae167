from typing import Final

import numpy as np

from oss_faces.errors import EngineFailed, ModelUnavailable
from oss_faces.geometry import FloatArray
from oss_faces.inference import CHIPS, Session
from oss_faces.recognition.calibration import Calibration
from oss_faces.recognition.chips import ARCFACE_ALIGNMENT
from oss_faces.recognition.embedder import NetworkEmbedder
from oss_faces.recognition.packs import PackSpec
from oss_faces.recognition.settings import RecognitionSettings
from oss_faces.recognition.space import Space

_SEED: Final = 1
_DIMENSIONS_MAX: Final = 4096
# Two runs of one network may round differently; more than this is another answer.
_TOLERANCE: Final = 1e-3


def load_pack(content: bytes, spec: PackSpec, settings: RecognitionSettings) -> NetworkEmbedder:
    """Make an embedder of the network of a pack, after a trial with two pictures of noise.

    Of a pack without a calibration the embedder can measure, and nothing else: its calibration answers no question.

    Raises:
        ModelUnavailable: the network cannot be used; says why.
    """
    from oss_faces.inference import OnnxSession, prepare_arcface  # noqa: PLC0415  (engines: by who has a pack)

    side, fed = ARCFACE_ALIGNMENT.side, spec.input
    graph = prepare_arcface(content, side, is_bgr=fed.colours == "bgr", mean=fed.mean, divisor=fed.divisor)
    session = OnnxSession(graph)
    dimensions, takes_batches = _try(session, side)
    space = Space(spec.space, dimensions, spec.calibration or Calibration(()))
    batch_max = settings.batch_max if takes_batches else 1
    return NetworkEmbedder(session, space, ARCFACE_ALIGNMENT, RecognitionSettings(spec.name_version, batch_max))


def _try(session: Session, side: int) -> tuple[int, bool]:
    """Run the network: how many numbers a vector has, and whether two faces at once give what one at a time gives."""
    noise = np.random.default_rng(_SEED).integers(0, 256, (2, side, side, 3), np.uint8)
    try:
        singles = np.concatenate([session.run({CHIPS: noise[place : place + 1]})[0] for place in range(len(noise))])
    except EngineFailed as exc:
        raise ModelUnavailable(f"The network cannot be run: {exc.context.get('reason', '')}") from exc
    if singles.ndim != 2 or not 2 <= singles.shape[1] <= _DIMENSIONS_MAX:
        raise ModelUnavailable(f"The network gives {singles.shape[1:]} for a face, and not a vector.")
    if not (np.isfinite(singles).all() and np.linalg.norm(singles[0] - singles[1]) > 0):
        raise ModelUnavailable("The network gives the same for two different pictures, or no numbers.")
    return singles.shape[1], _agrees(session, noise, singles)


def _agrees(session: Session, noise: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], singles: FloatArray) -> bool:
    try:
        [both] = session.run({CHIPS: noise})
    except EngineFailed:
        return False
    return both.shape == singles.shape and bool(np.abs(both - singles).max() <= _TOLERANCE * np.abs(singles).max())

"""A series of pictures through the pipeline, in order: faces are followed, and each moment is written as it comes."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from oss_faces.cli.ordered import in_order
from oss_faces.cli.series import Series, Shot
from oss_faces.errors import ImageError, InferenceError, StorageError
from oss_faces.geometry import FloatArray
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.recognition import Tracker
from oss_faces.rendering.timeline import Moment

Take = Callable[[Moment], None]


@dataclass(frozen=True, slots=True)
class _Look:
    """One moment before its faces are followed, and the vectors to follow them by."""

    moment: Moment
    vectors: FloatArray | None = None


def write_timeline(series: Series, recognition: RecognitionPipeline, running: int, take: Take) -> int:
    """Analyse every picture of a series; return how many could not be.

    Args:
        running: pictures worked on at the same time; 0 means one for each processor.
        take: gets each moment, in their order; nothing of a moment is kept behind it.
    """
    tracker = Tracker(recognition.embedder.calibration)
    threads = running or os.cpu_count() or 1

    def look(numbered: tuple[int, Shot]) -> _Look:
        return _look(recognition, *numbered)

    failed = 0
    is_single = series.count is not None and series.count < 2
    with (
        tqdm(total=series.count, unit="picture", file=sys.stderr, disable=is_single) as bar,
        closing(in_order(look, enumerate(series.shots, 1), threads)) as looks,
    ):
        for seen in looks:
            take(_followed(seen, tracker, is_film=series.is_film))
            failed += seen.vectors is None
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()
    return failed


def _look(recognition: RecognitionPipeline, number: int, shot: Shot) -> _Look:
    """Analyse one picture. One that fails is a moment with its error, and fails no other."""
    moment = Moment(number, shot.name, shot.time_s)
    try:
        described = recognition.describe_image(shot.picture())
    except (ImageError, InferenceError, StorageError) as exc:
        return _Look(replace(moment, error=(exc.code, exc.message)))
    except OSError as exc:
        return _Look(replace(moment, error=("Unreadable", exc.strerror or str(exc))))
    return _Look(replace(moment, result=described.result), described.vectors)


def _followed(seen: _Look, tracker: Tracker, *, is_film: bool) -> Moment:
    moment = seen.moment
    if moment.result is None or seen.vectors is None:
        return moment
    edges = [(face.box.left, face.box.top, face.box.right, face.box.bottom) for face in moment.result.faces]
    boxes = np.array(edges, np.float32).reshape(-1, 4)
    return replace(moment, tracks=tracker.follow(boxes, seen.vectors, moment.time_s if is_film else None))

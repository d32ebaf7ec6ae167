"""What a series of pictures shows, moment for moment: as CSV, or as lines of JSON. Each moment is one piece of text."""

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Final

from oss_faces.rendering.expressions import expressions
from oss_faces.rendering.figures import rounded
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.values import EXPRESSION_NAMES, Face, FaceResult

COLUMNS: Final = (
    "frame",
    "source",
    "time_s",
    "track",
    "left",
    "top",
    "width",
    "height",
    "confidence",
    "expression",
    "expression_confidence",
    *EXPRESSION_NAMES,
    "mouth",
    "mouth_confidence",
    "pitch",
    "yaw",
    "roll",
    "error",
)
# What Python makes of bytes of a file name that are no UTF-8.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture of a series.

    Attributes:
        frame: its number, from 1.
        source: name of the file or object.
        time_s: since the first one; `None` where pictures have no times.
        result: `None` when it could not be analysed.
        tracks: of each face, in the order of the result.
        error: code and message when it could not be analysed.
    """

    frame: int
    source: str
    time_s: float | None
    result: FaceResult | None = None
    tracks: tuple[int, ...] = ()
    error: tuple[str, str] = ("", "")


def csv_head() -> str:
    """Write the line with the names of the columns."""
    return _csv(dict(zip(COLUMNS, COLUMNS, strict=True)))


def csv_lines(moment: Moment) -> str:
    """Write a line for each face; one without a track for a picture that has none, or that has an error."""
    # Bytes of a name that are no UTF-8 are written as such, since no UTF-8 can hold them.
    source = moment.source.encode("utf-8", "backslashreplace").decode()
    shared = {"frame": moment.frame, "source": source, "time_s": _time(moment), "error": moment.error[0]}
    faces = moment.result.faces if moment.result else ()
    rows = [_row(face, track) for face, track in zip(faces, moment.tracks, strict=True)]
    return "".join(_csv({**shared, **row}) for row in rows or [{}])


def json_line(moment: Moment, settings: RenderingSettings) -> str:
    """Write one object: the fields of `image/expressions`, with the track in the place of the id."""
    document: dict[str, object] = {"Frame": moment.frame, "Source": moment.source}
    if moment.time_s is not None:
        document["Time"] = _time(moment)
    if moment.result is None:
        code, message = moment.error
        document["Error"] = {"Code": code, "Message": message}
    else:
        size = moment.result.size
        records = expressions(moment.result, "", settings)
        tracked = [
            {"Track": track, **{name: value for name, value in record.items() if name != "FigureId"}}
            for track, record in zip(moment.tracks, records, strict=True)
        ]
        document |= {"ImageWidth": size.width, "ImageHeight": size.height, "Figures": tracked}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # A name whose bytes are no UTF-8 is escaped, since no UTF-8 can hold it.
    return (json.dumps(document, separators=(",", ":")) if _SURROGATE.search(text) else text) + "\n"


def _row(face: Face, track: int) -> dict[str, object]:
    """All that is known of one face, by column; what was not measured stays empty."""
    box = face.box
    row: dict[str, object] = {
        "track": track,
        "left": rounded(box.left, 1),
        "top": rounded(box.top, 1),
        "width": rounded(box.width, 1),
        "height": rounded(box.height, 1),
        "confidence": rounded(face.score),
    }
    if face.emotion is not None:
        scores = {name: rounded(share) for name, share in face.emotion.scores.items()}
        row |= {"expression": face.emotion.value, "expression_confidence": scores[face.emotion.value], **scores}
    if face.mouth is not None:
        row |= {"mouth": face.mouth.value, "mouth_confidence": rounded(face.mouth.confidence)}
    if face.pose is not None:
        row |= {"pitch": rounded(face.pose.pitch), "yaw": rounded(face.pose.yaw), "roll": rounded(face.pose.roll)}
    return row


def _csv(row: dict[str, object]) -> str:
    out = io.StringIO()
    csv.DictWriter(out, COLUMNS, lineterminator="\n").writerow(row)
    return out.getvalue()


def _time(moment: Moment) -> float | None:
    return None if moment.time_s is None else rounded(moment.time_s)

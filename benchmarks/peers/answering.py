"""What every peer's program answers; standard library only, as it runs in their environments.

A question is one of

- `{"task": "records", "files": [...], "seconds": s}`: as much of a record as the peer gives, for one file after the
  other, until the time is up. The answer is a `Turn`.
- `{"task": "detect", ...}`: the same with detection alone.
- `{"task": "boxes", "files": [...]}`: `boxes`: for every file a list of left, top, right, bottom, score; unsure too.
- `{"task": "fields", "file": ...}`: `faces`: what a record of each face holds, as names to values.

What goes wrong is answered as `error`.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.lines import Answer, Question, answer_lines, call_for

Box = Sequence[float]


@dataclass(frozen=True)
class Peer:
    """One way of finding faces.

    Attributes:
        version: of the package.
        detect: path of a file to the boxes that it shows, as the peer's own example does it.
        boxes: the same with the unsure ones, for a curve.
        record: path to what is told of each face; `None` when it is no more than the box.
    """

    version: str
    detect: Callable[[str], Sequence[Box]]
    boxes: Callable[[str], Sequence[Box]]
    record: Callable[[str], Sequence[dict[str, Any]]] | None = None


def answer_as(peer: Peer) -> None:
    """Answer questions until there are no more."""
    answer_lines({"version": peer.version}, lambda question: _answer(peer, question))


def _answer(peer: Peer, question: Question) -> Answer:
    try:
        return _answer_well(peer, question)
    except Exception as exc:  # noqa: BLE001  # the edge of this program: a peer may raise whatever it likes
        return {"error": f"{type(exc).__name__}: {exc}"[:300]}


def _answer_well(peer: Peer, question: Question) -> Answer:
    task = question["task"]
    if task == "boxes":
        return {"boxes": [[[float(x) for x in box] for box in peer.boxes(file)] for file in question["files"]]}
    if task == "fields":
        file = question["file"]
        if peer.record is None:
            return {"faces": [{"box": list(map(float, box))} for box in peer.detect(file)]}
        return {"faces": [{name: _plain(value) for name, value in face.items()} for face in peer.record(file)]}
    work = peer.detect if task == "detect" or peer.record is None else peer.record
    files = itertools.cycle(question["files"])
    return asdict(call_for(lambda: work(next(files)), question["seconds"]))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)[:60]

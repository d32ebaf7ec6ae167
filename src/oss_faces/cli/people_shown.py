"""What the commands for people write for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from oss_faces.audit import Entry, Finding
from oss_faces.datasets import Figure, FigureCluster
from oss_faces.facedb import Merge
from oss_faces.operations.people import (
    Enrolled,
    Identification,
    Identified,
    Likeness,
    Receipt,
    Refusal,
    Verification,
)
from oss_faces.values import Box

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_NOBODY: Final = "(no name)"
# Below that, nobody could tell from a measurement.
_SMALLEST: Final = 1e-6


def harmless(text: str) -> str:
    """Write out what a terminal would obey: names and keys that came over the wire may hold anything."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )


def enrolment(person: FigureCluster | None, outcomes: Mapping[str, Enrolled | Refusal]) -> str:
    """Tell what became of each picture."""
    lines = [
        f"enrolled  {source}{_moved(outcome)}{_unlike(outcome)}"
        if isinstance(outcome, Enrolled)
        else f"refused   {source}  {'; '.join(outcome.reasons)}{_other(outcome)}"
        for source, outcome in outcomes.items()
    ]
    if person is not None:
        lines.append(f"{_name(person)} has {_count(person.facts.face_count, 'face')} now  {person.cluster_id}")
    return "\n".join(lines)


def identification(done: Identification) -> str:
    """Tell of each face who it is."""
    if not done.faces:
        return "No face was found."
    return "\n".join(_face(place, face, done.compared_with) for place, face in enumerate(done.faces, 1))


def verification(done: Verification, sources: tuple[str, str]) -> str:
    """Tell whether two pictures show one person."""
    if done.verdict is None:
        return "\n".join(
            f"not compared: {source}: {', '.join(reasons)}"
            for source, reasons in zip(sources, done.reasons, strict=True)
            if reasons
        )
    said = "one person" if done.verdict.is_match else "not known to be one person"
    return f"{said}  similarity {done.verdict.similarity:.3f}, as {_strangers(done.verdict.false_match_rate)}"


def everybody(people: Sequence[FigureCluster]) -> str:
    """List people."""
    head = ("NAME", "FACES", "PICTURES", "SINCE", "ID")
    rows = [
        (
            _name(person),
            str(person.facts.face_count),
            str(person.facts.image_count),
            person.created.strftime(_TIME),
            person.cluster_id,
        )
        for person in people
    ]
    return _table((head, *rows)) if rows else "Nobody is here."


def faces_of(person: FigureCluster, figures: Sequence[Figure]) -> str:
    """List the faces of a person."""
    head = ("FIGURE", "SAID BY", "QUALITY", "FILE")
    rows = [
        (figure.figure_id, "a person" if figure.is_pinned else "clustering", _quality(figure), figure.uri)
        for figure in figures
    ]
    return f"{_name(person)}  {person.cluster_id}\n{_table((head, *rows))}"


def merge(done: Merge) -> str:
    """Tell of a merge, or of one that was taken back."""
    how = "taken back" if done.is_undone else "merged"
    return f"{how}  {' '.join(done.froms)} into {done.into}  merge {done.merge_id}"


def receipt(told: Receipt) -> str:
    """Write a receipt for people; the whole of it is in its JSON form."""
    erasure = told.erasure
    numbers = {"face": erasure.figures, "vector": len(erasure.vectors_sha256), "file": erasure.files}
    what = ", ".join(_count(number, name) for name, number in numbers.items())
    lines = [
        f"receipt   {told.receipt_id}",
        f"erased    {told.cluster_id} of {told.ref.project}/{told.ref.name} at {_time(erasure.erased)}",
        f"          {what}",
        f"log       entry {told.entry.number}, {told.entry.digest}",
    ]
    if told.traces is not None:
        traces = f"in {told.traces.found_in} of {_count(told.traces.files, 'file')}, {told.traces.size_bytes:,} bytes"
        lines.append(f"searched  a piece of a vector was found {traces}")
    if told.outside:
        lines.append(
            f"          not in {told.outside}, where the vectors were too: removed, its storage is not searched"
        )
    return "\n".join(lines)


def retention(days: int, erased: int) -> str:
    """Tell how long faces are kept."""
    kept = f"Faces are kept for {_count(days, 'day')}." if days else "Faces are kept until somebody erases them."
    return f"{kept} {_count(erased, 'file')} erased." if erased else kept


def entry(told: Entry) -> str:
    """Write one line of the log."""
    event = told.event
    where = f"{event.ref.project}/{event.ref.name}" if event.ref else "-"
    counts = " ".join(f"{name}={number}" for name, number in event.counts.items())
    parts = (f"{told.number:>6}", _time(told.recorded), event.actor, event.act, where, *event.subjects, counts)
    return "  ".join(part for part in parts if part)


def finding(told: Finding) -> str:
    """Tell whether the log is whole."""
    if told.broken_at is not None:
        return f"entry {told.broken_at} is not as it was recorded, or one before it is missing"
    return f"{_count(told.entries, 'entry')} whole, the last digest is {told.digest or '-'}"


def _face(place: int, face: Identified, compared_with: int) -> str:
    head = f"face {place} at {_box(face.seen.face.box)}: "
    if face.flaws:
        return f"{head}not compared: {', '.join(face.flaws)}"
    if face.match is not None:
        return f"{head}{_likeness(face.match, compared_with)}"
    if not face.candidates:
        return f"{head}unknown; nobody comes near among {_count(compared_with, 'face')}"
    return f"{head}unknown; nearest: {_likeness(face.candidates[0], compared_with)}"


def _likeness(near: Likeness, compared_with: int) -> str:
    expected = _digits(near.verdict.expected_false_positives)
    name = near.name or f"{_NOBODY} {near.cluster_id}"
    among = _count(compared_with, "face")
    return f"{name}  similarity {near.verdict.similarity:.3f}; {expected} false positives expected among {among}"


def _other(refusal: Refusal) -> str:
    if refusal.other is None:
        return ""
    name = refusal.other.name or refusal.other.cluster_id
    expected = _digits(refusal.other.verdict.expected_false_positives)
    similarity = f"similarity {refusal.other.verdict.similarity:.3f}"
    return f": {name}, {similarity}; {expected} false positives expected"


def _moved(outcome: Enrolled) -> str:
    return "" if outcome.taken_from is None else f"  taken from {_called(outcome.taken_from)}"


def _unlike(outcome: Enrolled) -> str:
    if outcome.resembles is None or outcome.resembles.is_match:
        return ""
    return f"  unlike the person's other pictures: similarity {outcome.resembles.similarity:.3f}"


def _strangers(rate: float) -> str:
    """Say how many pairs of strangers are as similar."""
    if rate >= 1:
        return "any two strangers may be"
    if rate < _SMALLEST:
        return f"fewer than one pair of strangers in {1 / _SMALLEST:,.0f} are"
    return f"one pair of strangers in {float(_digits(1 / rate)):,.0f} is"


def _digits(number: float) -> str:
    """Write a number with two digits that count, never in powers of ten."""
    if 0 < number < _SMALLEST:
        return f"fewer than {_SMALLEST:f}"
    return format(Decimal(f"{number:.2g}"), "f")


def _name(person: FigureCluster) -> str:
    return person.spec.name or _NOBODY


def _called(person: FigureCluster) -> str:
    return person.spec.name or person.cluster_id


def _quality(figure: Figure) -> str:
    return "-" if figure.face.quality is None else f"{figure.face.quality:.2f}"


def _box(box: Box) -> str:
    return f"{box.left:.0f},{box.top:.0f} {box.width:.0f}x{box.height:.0f}"


def _time(moment: datetime) -> str:
    return moment.strftime(_TIME)


def _count(number: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") and what != "day" else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

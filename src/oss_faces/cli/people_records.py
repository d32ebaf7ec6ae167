"""What the commands for people write for programs: values that JSON can hold."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import numpy as np

from oss_faces.audit import Entry, Finding
from oss_faces.datasets import Figure, FigureCluster
from oss_faces.facedb import Merge
from oss_faces.operations.people import (
    Enrolled,
    Exported,
    Identification,
    Identified,
    Likeness,
    Receipt,
    Refusal,
    Verification,
)
from oss_faces.recognition import Verdict

Record = dict[str, Any]


def plain(value: Any) -> Any:
    """Turn a value of ours into what JSON can hold: values by their fields, times as ISO 8601, arrays as lists."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value.value if isinstance(value, enum.Enum) else value


def enrolment(person: FigureCluster | None, outcomes: Mapping[str, Enrolled | Refusal]) -> Record:
    """What became of each picture."""
    return {
        "person": _person(person) if person is not None else None,
        "pictures": [_outcome(source, outcome) for source, outcome in outcomes.items()],
    }


def identification(done: Identification) -> Record:
    """Who each face is."""
    return {"compared_with": done.compared_with, "faces": [_identified(face) for face in done.faces]}


def verification(done: Verification) -> Record:
    """Whether two pictures show one person; null: they could not be compared."""
    return {"verdict": _verdict(done.verdict) if done.verdict else None, "reasons": plain(done.reasons)}


def everybody(people: Sequence[FigureCluster]) -> list[Record]:
    """All people."""
    return [_person(person) for person in people]


def person_with_faces(person: FigureCluster, figures: Sequence[Figure]) -> Record:
    """A person with every face that is kept."""
    return {**_person(person), "figures": [_figure(figure) for figure in figures]}


def merge(done: Merge) -> Record:
    """A merge."""
    told: Record = plain(done)
    return told


def receipt(told: Receipt) -> Record:
    """A receipt, whole."""
    return {
        "receipt_id": told.receipt_id,
        "dataset": f"{told.ref.project}/{told.ref.name}",
        "cluster_id": told.cluster_id,
        "erased": plain(told.erasure.erased),
        "figures": told.erasure.figures,
        "files": told.erasure.files,
        "vectors_sha256": list(told.erasure.vectors_sha256),
        "audit": {"number": told.entry.number, "digest": told.entry.digest, "actor": told.entry.event.actor},
        "searched": plain(told.traces) if told.traces else None,
        "not_searched": [told.outside] if told.outside else [],
    }


def exported(told: Exported) -> Record:
    """Everything that is kept about a person; of the files only what is not about somebody else."""
    figures = [
        {**plain(figure), "vector": vector.tolist()} for figure, vector in zip(told.figures, told.vectors, strict=True)
    ]
    files = [
        {name: part for name, part in plain(file).items() if name != "figures"} | {"faces": len(file.figures)}
        for file in told.files
    ]
    return {"person": plain(told.person), "figures": figures, "files": files, "audit": [*map(entry, told.entries)]}


def entry(told: Entry) -> Record:
    """An entry of the log."""
    event = told.event
    return {
        "number": told.number,
        "recorded": plain(told.recorded),
        "act": event.act.value,
        "actor": event.actor,
        "dataset": f"{event.ref.project}/{event.ref.name}" if event.ref else None,
        "subjects": list(event.subjects),
        "counts": dict(event.counts),
        "digest": told.digest,
    }


def finding(told: Finding) -> Record:
    """Whether the log is whole."""
    record: Record = plain(told)
    return {**record, "is_whole": told.broken_at is None}


def _person(person: FigureCluster) -> Record:
    return {
        "name": person.spec.name,
        "cluster_id": person.cluster_id,
        "faces": person.facts.face_count,
        "pictures": person.facts.image_count,
        "created": plain(person.created),
    }


def _figure(figure: Figure) -> Record:
    return {
        "figure_id": figure.figure_id,
        "file": figure.uri,
        "is_pinned": figure.is_pinned,
        "quality": figure.face.quality,
        "box": plain(figure.face.box),
    }


def _outcome(source: str, outcome: Enrolled | Refusal) -> Record:
    if isinstance(outcome, Enrolled):
        resembles = _verdict(outcome.resembles) if outcome.resembles else None
        told = {"source": source, "is_enrolled": True, "figure_id": outcome.figure_id, "resembles": resembles}
        return {**told, "taken_from": _person(outcome.taken_from) if outcome.taken_from else None}
    other = _likeness(outcome.other) if outcome.other else None
    return {"source": source, "is_enrolled": False, "reasons": list(outcome.reasons), "belongs_to": other}


def _identified(face: Identified) -> Record:
    return {
        "box": plain(face.seen.face.box),
        "match": _likeness(face.match) if face.match else None,
        "candidates": [_likeness(near) for near in face.candidates],
        "flaws": [flaw.value for flaw in face.flaws],
    }


def _likeness(near: Likeness) -> Record:
    return {
        "name": near.name,
        "cluster_id": near.cluster_id,
        "figure_id": near.figure.figure_id,
        **_verdict(near.verdict),
    }


def _verdict(verdict: Verdict) -> Record:
    told: Record = plain(verdict)
    return told

"""Answers of the operations on people that IMM has not. All names are ours, made like those of IMM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from oss_faces.datasets import Figure, IndexedFile
from oss_faces.protocol.dates import format_nano_date
from oss_faces.rendering.figures import boundaries, kept_figures, rounded, shown_size
from oss_faces.rendering.settings import RenderingSettings
from oss_faces.values import FaceResult

_SIMILARITY_DECIMALS: Final = 4
_RATE_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry of the audit log. Times are aware UTC."""

    number: int
    recorded: datetime
    act: str
    actor: str
    subjects: tuple[str, ...]
    counts: Mapping[str, int]
    digest: str


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """The proof of an erasure.

    Attributes:
        search: files and bytes that were searched, and in how many files a piece was found; `None`: nobody could.
    """

    receipt_id: str
    project: str
    dataset: str
    cluster_id: str
    erased: datetime
    figures: int
    files: int
    vectors_sha256: tuple[str, ...]
    entry: ShownEntry
    search: tuple[int, int, int] | None
    not_searched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A person who may be the one on a picture. The last three as in `recognition.Verdict`."""

    cluster_id: str
    name: str
    figure_id: str
    uri: str
    similarity: float
    false_match_rate: float
    expected_false_positives: float
    is_match: bool


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """What is said about one face; `match` is empty for an unknown one."""

    flaws: tuple[str, ...] = ()
    match: str = ""
    candidates: tuple[ShownCandidate, ...] = field(default_factory=tuple)


def figure_fields(file: IndexedFile, figure: Figure, settings: RenderingSettings) -> Mapping[str, object]:
    """Give a face with the file that it is on."""
    (record,) = kept_figures(replace(file, figures=(figure,)), settings)
    size = shown_size(file.facts.image, file.facts.orientation, settings)
    return {
        **record,
        "URI": file.uri,
        "ImageWidth": size.width,
        "ImageHeight": size.height,
        "Orientation": file.facts.orientation,
        "IsPinned": figure.is_pinned,
    }


def identified_fields(
    result: FaceResult, figures: Sequence[ShownFigure], settings: RenderingSettings
) -> list[Mapping[str, object]]:
    """Give what is said about each face of a picture, in the order of its faces."""
    return [
        {
            "Boundary": boundary,
            "Flaws": list(figure.flaws),
            **({"Match": figure.match} if figure.match else {}),
            "Candidates": [_candidate(one) for one in figure.candidates],
        }
        for boundary, figure in zip(boundaries(result, settings), figures, strict=True)
    ]


def receipt_fields(told: ShownReceipt) -> Mapping[str, object]:
    """Give a receipt, whole."""
    entry = {"Number": told.entry.number, "Digest": told.entry.digest, "Actor": told.entry.actor}
    search = {} if told.search is None else dict(zip(("FileCount", "Size", "FoundIn"), told.search, strict=True))
    return {
        "ReceiptId": told.receipt_id,
        "ProjectName": told.project,
        "DatasetName": told.dataset,
        "ObjectId": told.cluster_id,
        "EraseTime": format_nano_date(told.erased),
        "FigureCount": told.figures,
        "FileCount": told.files,
        "VectorDigests": list(told.vectors_sha256),
        "LogEntry": entry,
        **({"Search": search} if search else {}),
        "NotSearched": list(told.not_searched),
    }


def entry_fields(entry: ShownEntry) -> Mapping[str, object]:
    """Give an entry of the audit log."""
    return {
        "Number": entry.number,
        "Time": format_nano_date(entry.recorded),
        "Act": entry.act,
        "Actor": entry.actor,
        "Subjects": list(entry.subjects),
        "Counts": dict(entry.counts),
        "Digest": entry.digest,
    }


def _candidate(one: ShownCandidate) -> Mapping[str, object]:
    return {
        "ObjectId": one.cluster_id,
        "Name": one.name,
        "FigureId": one.figure_id,
        "URI": one.uri,
        "Similarity": rounded(one.similarity, _SIMILARITY_DECIMALS),
        "FalseMatchRate": _short(one.false_match_rate),
        "ExpectedFalsePositives": _short(one.expected_false_positives),
        "IsMatch": one.is_match,
    }


def _short(number: float) -> float:
    """Keep the digits that count: these numbers span many powers of ten."""
    return float(f"{number:.{_RATE_DIGITS}g}")

"""Files and their figures in SQL: rows that belong together are written, read and removed together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from oss_faces.datasets import Figure, FileFacts, FileSpec, IndexedFile, NewFigure
from oss_faces.facedb import refusals
from oss_faces.facedb.paging import moment
from oss_faces.facedb.sql_figures import load_figures, refresh_clusters, remove_figures
from oss_faces.facedb.sql_following import new_index_id
from oss_faces.facedb.sql_rows import (
    face_columns,
    figure_columns,
    file_columns,
    label_columns,
    to_file,
    vector_bytes,
)
from oss_faces.facedb.sql_state import batches, next_change
from oss_faces.facedb.tables import CLUSTERS, DATASETS, FIGURES, FILES, LABELS, MERGED_CLUSTERS, MERGES, SPACES, VECTORS


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is to be kept: `put_file`'s arguments, and what was decided about it."""

    uri: str
    object_id: str
    spec: FileSpec
    facts: FileFacts
    figures: tuple[NewFigure, ...]
    space: str
    now_us: int


def find_file(connection: Connection, dataset: int, uri: str) -> Row[Any] | None:
    """Give a file's row, if there is one."""
    return connection.execute(select(FILES).where(FILES.c.dataset == dataset, FILES.c.uri == uri)).first()


def load_files(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[IndexedFile, ...]:
    """Put rows of files together with their figures, in the order of the rows."""
    own: dict[int, list[tuple[int, Figure]]] = {row.number: [] for row in rows}
    for batch in batches(list(own)):
        places = connection.execute(
            select(FIGURES.c.number, FIGURES.c.file, FIGURES.c.place).where(FIGURES.c.file.in_(batch))
        )
        where = {row.number: (row.file, row.place) for row in places}
        for figure in load_figures(connection, FIGURES.c.file.in_(batch)):
            file, place = where[figure.number]
            own[file].append((place, figure))
    return tuple(to_file(row, [figure for _, figure in sorted(own[row.number], key=_place)]) for row in rows)


def files_by_uri(connection: Connection, dataset: int, uris: Sequence[str]) -> dict[str, IndexedFile]:
    """Read files; those that are not there are left out."""
    found: list[Row[Any]] = []
    for batch in batches(sorted(set(uris))):
        found += connection.execute(select(FILES).where(FILES.c.dataset == dataset, FILES.c.uri.in_(batch))).all()
    return {file.uri: file for file in load_files(connection, found)}


def write_file(connection: Connection, dataset: Row[Any], old: Row[Any] | None, new: Incoming) -> None:
    """Write a file over what was known under its URI, and its figures; the caller locked the dataset."""
    created_us = new.now_us if old is None else old.created_us
    # Of the figures only their number is written with the file; the ids in this value are not looked at.
    bare = tuple(Figure(0, figure.figure_id, new.uri, figure.face) for figure in new.figures)
    value = IndexedFile(new.uri, new.object_id, new.spec, new.facts, bare, moment(created_us), moment(new.now_us))
    columns = file_columns(value)
    if old is None:
        made = insert(FILES).values(dataset=dataset.number, **columns).returning(FILES.c.number)
        file = int(connection.execute(made).scalar_one())
    else:
        file = old.number
        connection.execute(update(FILES).where(FILES.c.number == file).values(columns))
    write_labels(connection, dataset.number, file, value)
    _count(connection, dataset.number, 0 if old else 1, new.facts.size_bytes - (old.size_bytes if old else 0))
    _write_figures(connection, dataset, file, new)


def write_labels(connection: Connection, dataset: int, file: int, value: IndexedFile) -> None:
    """Write what can be asked for by name and key anew."""
    connection.execute(delete(LABELS).where(LABELS.c.file == file))
    labels = [{"dataset": dataset, "file": file, **label} for label in label_columns(value)]
    if labels:
        connection.execute(insert(LABELS), labels)


def remove_file(connection: Connection, dataset: int, file: Row[Any], now_us: int) -> None:
    """Remove a file with everything that names it; the caller locked the dataset."""
    numbers = connection.scalars(select(FIGURES.c.number).where(FIGURES.c.file == file.number)).all()
    remove_figures(connection, dataset, numbers, now_us)
    connection.execute(delete(FILES).where(FILES.c.number == file.number))
    _count(connection, dataset, -1, -file.size_bytes)
    own = select(MERGES.c.number).where(MERGES.c.dataset == dataset)
    connection.execute(
        update(CLUSTERS).where(CLUSTERS.c.dataset == dataset, CLUSTERS.c.cover_uri == file.uri).values(cover_uri="")
    )
    connection.execute(
        update(MERGED_CLUSTERS)
        .where(MERGED_CLUSTERS.c.merge.in_(own), MERGED_CLUSTERS.c.cover_uri == file.uri)
        .values(cover_uri="")
    )


def add_vectors(
    connection: Connection, dataset: int, space: str, vectors: Mapping[int, bytes], dimensions: int
) -> None:
    """Write vectors of figures that have none in a space; the caller locked the dataset."""
    if not vectors:
        return
    known = select(SPACES.c.dimensions).where(SPACES.c.dataset == dataset, SPACES.c.space == space)
    held = connection.execute(known).scalar_one_or_none()
    assert held in (None, dimensions), "vectors of one space have one length"
    if held is None:
        made = insert(SPACES).values(dataset=dataset, space=space, dimensions=dimensions, index_id=new_index_id())
        connection.execute(made)
    change = next_change(connection, dataset)
    rows = [
        {"dataset": dataset, "space": space, "figure": number, "change": change, "vector": vector}
        for number, vector in vectors.items()
    ]
    connection.execute(insert(VECTORS), rows)


def _write_figures(connection: Connection, dataset: Row[Any], file: int, new: Incoming) -> None:
    held = connection.execute(
        select(FIGURES.c.figure_id, FIGURES.c.number, FIGURES.c.cluster).where(FIGURES.c.file == file)
    ).all()
    known = {row.figure_id: row.number for row in held}
    wanted = {figure.figure_id for figure in new.figures}
    gone = [number for figure_id, number in known.items() if figure_id not in wanted]
    remove_figures(connection, dataset.number, gone, new.now_us)
    vectors: dict[int, bytes] = {}
    for place, figure in enumerate(new.figures):
        number = known.get(figure.figure_id)
        if number is not None:
            seen = update(FIGURES).where(FIGURES.c.number == number)
            connection.execute(seen.values(place=place, **face_columns(figure.face)))
        else:
            columns = {"dataset": dataset.number, "file": file, "place": place, **figure_columns(figure)}
            number = int(connection.execute(insert(FIGURES).values(columns).returning(FIGURES.c.number)).scalar_one())
            vectors[number] = vector_bytes(figure.vector)
    kept = {row.cluster for row in held if row.figure_id in wanted}
    refresh_clusters(connection, dataset.number, kept, None)
    if vectors:
        add_vectors(connection, dataset.number, new.space, vectors, len(new.figures[0].vector))
        if not dataset.space:
            decided = update(DATASETS).where(DATASETS.c.number == dataset.number)
            connection.execute(decided.values(space=new.space))


def _count(connection: Connection, dataset: int, files: int, size_bytes: int) -> None:
    counted = update(DATASETS).where(DATASETS.c.number == dataset)
    connection.execute(
        counted.values(file_count=DATASETS.c.file_count + files, size_bytes=DATASETS.c.size_bytes + size_bytes)
    )


def _place(entry: tuple[int, Figure]) -> int:
    return entry[0]


def require_space(dataset: Row[Any], figures: Sequence[NewFigure], space: str) -> None:
    """Raise `ResourceInUse` when figures come with vectors of another space than the dataset's."""
    if figures and dataset.space not in ("", space):
        raise refusals.other_space(space, dataset.space)

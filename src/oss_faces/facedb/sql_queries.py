"""Questions about files in SQL."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Function, func, select, true

from oss_faces.datasets import FIGURE_FIELDS, FILE_FIELDS, Aggregated, Aggregation, FieldKind, FilePage, FileQuery
from oss_faces.facedb import fields
from oss_faces.facedb.aggregating import COUNT, DISTINCT, GROUP
from oss_faces.facedb.paging import Place, moment, read_token, token
from oss_faces.facedb.sql_conditions import file_clause
from oss_faces.facedb.sql_files import load_files
from oss_faces.facedb.sql_pages import behind, ordering
from oss_faces.facedb.sql_rows import FIGURE_COLUMNS, FILE_COLUMNS
from oss_faces.facedb.tables import FIGURES, FILES

_NUMBERS: Final[Mapping[str, Any]] = {"sum": func.sum, "min": func.min, "max": func.max, "average": func.avg}


def find_files(connection: Connection, dataset: int, query: FileQuery) -> FilePage:
    """Answer a question; see `Files.query_files`."""
    after = read_token(query.after, [FILE_FIELDS[field] for field, _ in query.sort])
    where = true() if query.where is None else file_clause(query.where, dataset)
    hits = (FILES.c.dataset == dataset, where)
    total = None
    if query.wants_total:
        total = int(connection.execute(select(func.count()).select_from(FILES).where(*hits)).scalar_one())
    if query.aggregations:
        # Figures of the hits are those whose file is one.
        aggregated = tuple(_aggregate(connection, what, hits, query.limit) for what in query.aggregations)
        return FilePage((), total=total, aggregated=aggregated)
    keys = [(FILE_COLUMNS[field], descends) for field, descends in query.sort]
    wanted = select(FILES).where(*hits).order_by(*ordering(keys, FILES.c.object_id))
    if after is not None:
        wanted = wanted.where(behind(keys, FILES.c.object_id, after))
    rows = connection.execute(wanted.limit(query.limit + 1)).all()
    page, next_after = rows[: query.limit], ""
    if page and len(rows) > query.limit:
        last = page[-1]._mapping  # noqa: SLF001  public, by its docs
        next_after = token(Place(tuple(last[column] for column, _ in keys), last[FILES.c.object_id]))
    return FilePage(load_files(connection, page), next_after, total)


def _aggregate(
    connection: Connection, what: Aggregation, hits: tuple[ColumnElement[bool], ...], groups_max: int
) -> Aggregated:
    of_figure = fields.figure_field(what.field)
    column = FIGURE_COLUMNS[of_figure] if of_figure else FILE_COLUMNS[what.field]
    kind = FIGURE_FIELDS[of_figure] if of_figure else FILE_FIELDS[what.field]
    source: FromClause = FIGURES.join(FILES, FILES.c.number == FIGURES.c.file) if of_figure else FILES
    held = (*hits, column.is_not(None))
    if what.operation == GROUP:
        groups = select(column, func.count()).select_from(source).where(*held).group_by(column)
        rows = connection.execute(groups.order_by(func.count().desc(), column).limit(groups_max)).all()
        return Aggregated(what, groups=tuple((_group_text(value, kind), int(count)) for value, count in rows))
    if what.operation in (COUNT, DISTINCT):
        counted = func.count() if what.operation == COUNT else func.count(column.distinct())
        return Aggregated(what, float(_one(connection, counted, source, held)))
    if kind is not FieldKind.NUMBER:
        return Aggregated(what)
    found = _one(connection, _NUMBERS[what.operation](column), source, held)
    return Aggregated(what, None if found is None else float(found))


def _one(
    connection: Connection, asked: Function[Any], source: FromClause, held: tuple[ColumnElement[bool], ...]
) -> Any:
    return connection.execute(select(asked).select_from(source).where(*held)).scalar_one()


def _group_text(value: Any, kind: FieldKind) -> str:
    return fields.group_text(moment(value) if kind is FieldKind.TIME else value)

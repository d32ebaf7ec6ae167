"""Results as lines of JSON or as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Final, Literal, get_args

from oss_faces.jobs.columns import columns_of
from oss_faces.jobs.parquet import Parts
from oss_faces.jobs.recipe import Operation

Form = Literal["jsonl", "csv"]
FORMS: Final[tuple[str, ...]] = get_args(Form)


def export(parts: Parts, operation: Operation, form: Form) -> Iterator[str]:
    """Give the results line for line; in JSON empty cells are left out, in CSV a vector is written as JSON.

    Raises:
        ConfigurationError: a part cannot be read.
    """
    if form == "jsonl":
        for row in parts.rows():
            held = {name: cell for name, cell in row.items() if cell is not None}
            yield json.dumps(held, ensure_ascii=False, separators=(",", ":")) + "\n"
        return
    names = list(columns_of(operation))
    line = io.StringIO(newline="")
    writer = csv.DictWriter(line, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in parts.rows():
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow({name: json.dumps(cell) if isinstance(cell, list) else cell for name, cell in row.items()})
    yield line.getvalue()

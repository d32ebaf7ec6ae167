"""Results are read by the programs that people have."""

import csv
import json
from pathlib import Path

import duckdb
import pyarrow.dataset
import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.jobs import Item, Outcome, Parts, Recipe, columns_of, export, summarise
from oss_faces.jobs.columns import rows_of
from oss_faces.values import ImageSize

FACES = ({"FigureId": "f", "Age": 33, "Left": 4, "Vector": [0.5, -0.25]}, {"FigureId": "g", "Age": 4})


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    parts = Parts(tmp_path, columns_of("index"))
    recipe = Recipe("index", ("m@1",))
    parts.write([*rows_of(Outcome(Item('a,"b\n', "E1", 10), ImageSize(8, 6), FACES), recipe.name)], recipe)
    parts.write([*rows_of(Outcome(Item("b", "E2", 10), ImageSize(8, 6)), recipe.name)], recipe)
    return parts


def test_duckdb_reads_parts(parts: Parts) -> None:
    """DuckDB reads all parts as one table."""
    (path,) = {part.parent for part in parts.paths()}
    table = duckdb.read_parquet(f"{path}/*.parquet")
    found = table.aggregate("Key, max(Age), count(FaceIndex)").order("Key")
    assert found.fetchall() == [('a,"b\n', 33, 2), ("b", None, 0)]


def test_arrow_reads_parts(parts: Parts) -> None:
    """Arrow reads them, vectors as lists of float32, and tells by what they were made."""
    table = pyarrow.dataset.dataset(parts.paths()).to_table()
    assert table.column("Vector").to_pylist() == [[0.5, -0.25], None, None]
    assert json.loads(table.schema.metadata[b"oss-faces.recipe"])["models"] == ["m@1"]


def test_faces_have_no_vectors() -> None:
    """Vectors are told by `index` alone."""
    assert "Vector" in columns_of("index")
    assert "Vector" not in columns_of("faces")
    assert "Vector" not in columns_of("expressions")


def test_export_as_json(parts: Parts) -> None:
    """Each row is a line of JSON without empty cells."""
    lines = [json.loads(line) for line in export(parts, "index", "jsonl")]
    assert [line["Key"] for line in lines] == ['a,"b\n', 'a,"b\n', "b"]
    assert lines[0]["Vector"] == [0.5, -0.25]
    assert "Age" not in lines[2]


def test_export_as_csv(parts: Parts) -> None:
    """CSV has a head, and any key comes back whole."""
    rows = list(csv.DictReader("".join(export(parts, "index", "csv")).splitlines(keepends=True)))
    assert [row["Key"] for row in rows] == ['a,"b\n', 'a,"b\n', "b"]
    assert json.loads(rows[0]["Vector"]) == [0.5, -0.25]


def test_summary(parts: Parts) -> None:
    """Pictures are counted by their faces, faces by their age."""
    assert summarise(parts) == {
        "pictures": 2,
        "faces": 2,
        "faces_per_picture": {"0": 1, "2": 1},
        "ages": {"0": 1, "30": 1},
        "errors": {},
    }


def test_foreign_files_are_not_taken_for_parts(parts: Parts) -> None:
    """A file that is no part is named, and not read."""
    (parts.paths()[0].parent / "mine.parquet").touch()
    with pytest.raises(ConfigurationError, match=r"mine\.parquet"):
        list(parts.rows())

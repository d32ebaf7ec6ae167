import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluation.sets import SetFolder


@pytest.fixture
def folder(tmp_path):
    rows = 200
    table = pa.table(
        {
            "id": [f"picture-{place}" for place in range(rows)],
            "image": [bytes([place % 256]) for place in range(rows)],
            "split": ["test" if place % 4 == 0 else "train" for place in range(rows)],
        }
    )
    pq.write_table(table, tmp_path / "faces.parquet")
    return SetFolder(tmp_path)


def test_only_sets_that_are_there_and_wanted(folder):
    """A set needs a file; with a list of names it must be on it."""
    assert folder.has("faces")
    assert not folder.has("absent")
    assert not SetFolder(folder.path, frozenset({"other"})).has("faces")


def test_all_rows_in_order(folder):
    """Without a limit every row comes once, in the order of the file, with its id."""
    rows = list(folder.rows("faces", ["image"]))
    assert [row["id"] for row in rows] == [f"picture-{place}" for place in range(200)]
    assert rows[7]["image"] == bytes([7])


def test_sample_is_always_the_same(folder):
    """A limit takes the same rows on every run, and a smaller one a part of them."""
    ten = [row["id"] for row in folder.rows("faces", [], 10)]
    five = [row["id"] for row in folder.rows("faces", [], 5)]
    assert len(ten) == 10
    assert ten == [row["id"] for row in folder.rows("faces", ["image"], 10)]
    assert set(five) < set(ten)


def test_sample_is_no_head_of_the_file(folder):
    """The sample is spread over the whole file."""
    places = [int(row["id"].split("-")[1]) for row in folder.rows("faces", [], 20)]
    assert max(places) > 100


def test_split_is_chosen_before_the_limit(folder):
    """Only rows of the split count, for the number as for the rows."""
    assert folder.count("faces", split="test") == 50
    rows = list(folder.rows("faces", ["split"], 30, split="test"))
    assert len(rows) == 30
    assert {row["split"] for row in rows} == {"test"}

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from evaluation.__main__ import main
from tests.running import portrait


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder as the command expects it: one picture with a face, one without."""
    folder = tmp_path_factory.mktemp("data")
    for name, file in (("ffhq", "astronaut.png"), ("cats_dogs", "coffee.png")):
        buffer = io.BytesIO()
        Pillow.open(portrait().with_name(file)).convert("RGB").resize((256, 256)).save(buffer, "WEBP", quality=85)
        pq.write_table(
            pa.table({"id": [file], "image": [buffer.getvalue()], "split": ["test"]}), folder / f"{name}.parquet"
        )
    return folder


def run(data, out, *more: str) -> int:
    return main(["--data", str(data), "--out", str(out), "--reports", "detection", *more])


def test_any_folder_with_the_columns_is_judged(data, tmp_path):
    """The report holds a row for each set that is there, as JSON and as a table."""
    assert run(data, tmp_path) == 0
    rows = {(row["set"], row["metric"]): row["value"] for row in json.loads((tmp_path / "detection.json").read_text())}
    assert rows == {("ffhq", "found"): 1.0, ("cats_dogs", "false_face"): 0.0}
    assert "| detection | ffhq | found | 1 |" in (tmp_path / "detection.md").read_text()


def test_sets_can_be_chosen(data, tmp_path):
    """Only the sets that are named are judged."""
    run(data, tmp_path, "--sets", "ffhq")
    assert [row["set"] for row in json.loads((tmp_path / "detection.json").read_text())] == ["ffhq"]


def test_run_is_compared_with_the_baseline(data, tmp_path, capsys):
    """A run passes its own baseline, and fails one that was better; the figure is named on stderr."""
    baseline = tmp_path / "baseline.json"
    assert run(data, tmp_path, "--write-baseline", str(baseline)) == 0
    assert run(data, tmp_path, "--baseline", str(baseline)) == 0
    baseline.write_text(baseline.read_text().replace('"value": 1.0', '"value": 1.5'))
    assert run(data, tmp_path, "--baseline", str(baseline)) == 1
    assert "detection/ffhq/found" in capsys.readouterr().err

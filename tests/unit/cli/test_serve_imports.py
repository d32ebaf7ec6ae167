"""What a start imports, and when: told by fresh interpreters, since here everything is imported already."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

STARTING = """
import json
import sys
from oss_faces.child.begun import BegunProcess

def tell(*_):
    print(json.dumps(sorted(sys.modules)))
    raise SystemExit(0)

setattr(BegunProcess, sys.argv[1], tell)
from oss_faces.cli import main

sys.argv = ["oss-faces", "serve", "--data", sys.argv[2]]
main()
"""
HEAVY = frozenset(
    {"numpy", "PIL", "sqlalchemy", "starlette", "uvicorn", "anyio", "asyncio", "structlog", "opendal", "onnxruntime"}
)


def told(program: str, *arguments: str) -> frozenset[str]:
    """Run a program that writes the names of its modules."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=True, timeout=120)
    return frozenset(json.loads(done.stdout))


def imported_by(module: str) -> frozenset[str]:
    return told(f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))")


def test_a_worker_begins_before_the_server_is_imported(tmp_path: Path) -> None:
    """Nothing of the server but its command line is there yet, and nothing in the data folder."""
    there = told(STARTING, "begin", str(tmp_path / "data"))
    assert "oss_faces.cli.serve" in there
    ours = {name.partition(".")[2].partition(".")[0] for name in there if name.startswith("oss_faces.")}
    assert ours == {"absent", "child", "cli", "errors", "lasting"}
    assert not there & {*HEAVY, "pydantic"}
    assert not (tmp_path / "data").exists()


def test_a_worker_is_told_what_to_load_before_the_server_is_imported(tmp_path: Path) -> None:
    """The settings are there by then, and nothing that they are about: the worker waits for them."""
    there = told(STARTING, "tell", str(tmp_path / "data"))
    assert "oss_faces.config" in there
    assert not there & HEAVY
    assert not {name for name in there if name.startswith("oss_faces.") and name.endswith(".exports")}
    assert not there & {"oss_faces.cli.server_start", "oss_faces.app", "oss_faces.serving"}
    assert not (tmp_path / "data").exists()


def test_settings_are_read_without_what_they_are_about() -> None:
    """Every command reads them first; none waits for what another one needs."""
    there = imported_by("oss_faces.config")
    assert not there & HEAVY
    ours = {name.rpartition(".")[2] for name in there if name.startswith("oss_faces.") and name.count(".") == 2}
    errors = {"root", "capacity", "pictures", "requests", "storage"}
    assert {name for name in ours - errors if not name.endswith("settings")} == {"bucket_name"}


def test_a_worker_has_nothing_of_the_server() -> None:
    """Neither its libraries nor its parts: each would be paid for once more by every worker."""
    there = imported_by("oss_faces.child.working")
    assert "oss_faces.stages.loading" in there
    assert not there & {"sqlalchemy", "alembic", "starlette", "uvicorn", "anyio", "click", "opendal"}
    assert not there & {"structlog", "asyncio", "pydantic"}
    parts = ("workers", "operations", "storage", "access", "http", "facedb", "database", "config", "metering", "tasks")
    assert not there & {f"oss_faces.{part}" for part in parts}


def test_the_server_imports_no_engine() -> None:
    """Networks are for the workers: neither an engine, nor what rewrites a network, nor who asks them to be loaded."""
    there = imported_by("oss_faces.cli.server_start")
    assert not there & {"onnxruntime", "onnx", "google.protobuf", "openvino"}
    assert not there & {"oss_faces.stages.loading", "oss_faces.inference.session", "oss_faces.inference.preparation"}


def test_the_server_has_nothing_of_what_only_its_workers_do() -> None:
    """It hands pictures on: no library reads them here, and none of the stages is there."""
    there = imported_by("oss_faces.cli.server_start")
    assert not there & {"PIL", "pillow_heif", "simplejpeg", "sqlalchemy.dialects.postgresql"}
    assert not there & {"oss_faces.pipeline", "oss_faces.sampling", "oss_faces.stages.editor"}
    stages = ("analysis", "decoding", "detection", "imaging")
    assert not {
        name for name in there if name.split(".")[1:2] in [[stage] for stage in stages] and "settings" not in name
    } - {f"oss_faces.{stage}" for stage in stages}


def test_the_server_has_nothing_of_services_that_nobody_mounts() -> None:
    """The library behind them is imported when one is."""
    assert "opendal" not in imported_by("oss_faces.cli.server_start")


def test_the_server_has_nothing_for_colours_of_logs(tmp_path: Path) -> None:
    """A log is JSON: all of the server was imported without rich, which is installed here, when it cannot start."""
    assert find_spec("rich")
    (no_folder := tmp_path / "data").touch()
    there = told(STARTING, "end", str(no_folder))
    assert {"structlog", "oss_faces.serving"} <= there
    assert "rich" not in there


def test_the_face_service_is_not_imported_with_the_server() -> None:
    """Nobody waits for it who asks for the faces of a picture first; nothing makes a folder run its `exports.py`."""
    there = imported_by("oss_faces.cli.server_start")
    assert not there & {"oss_faces.face_service", "oss_faces.operations.search_faces", "oss_faces.clustering.linkage"}
    assert not {name for name in there if name.startswith("oss_faces.") and name.endswith(".exports")}


@pytest.mark.parametrize("module", ["oss_faces.cli.server_start", "oss_faces.child.working"])
def test_a_server_does_not_import_what_other_commands_need(module: str) -> None:
    """Jobs, people on the command line, training and drawing have libraries and modules of their own."""
    there = imported_by(module)
    assert not there & {"pyarrow", "matplotlib", "ray", "torch", "pebble", "tqdm", "openvino", "duckdb", "alembic"}
    assert not there & {"oss_faces.jobs", "oss_faces.bulk", "oss_faces.desk", "oss_faces.cli.people"}


def test_alembic_is_for_tables_that_are_not_of_the_newest_version(tmp_path: Path) -> None:
    """A state database that the same version has opened before is opened without it."""
    opening = """
import json
import sys
from pathlib import Path
from oss_faces.database import open_database

open_database(Path(sys.argv[1])).close()
print(json.dumps(sorted(sys.modules)))
"""
    assert "alembic" in told(opening, str(tmp_path))
    assert "alembic" not in told(opening, str(tmp_path))


def test_what_a_server_starts_with_is_not_looked_through_again(tmp_path: Path) -> None:
    """A full collection holds up everybody who asks meanwhile; of a server that is ready it sees what came since."""
    program = """
import gc
import sys
from pathlib import Path
from oss_faces.cli.server_start import be_ready
from oss_faces.config import Settings

before = len(gc.get_objects())
be_ready(Settings(), Path(sys.argv[1]), "http://127.0.0.1:9000", None)
assert before > 50_000, before
assert len(gc.get_objects()) < before / 100, (before, len(gc.get_objects()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "key")], check=False, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()

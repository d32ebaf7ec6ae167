"""Starting and stopping: what is wrong is said at start, in one line, and not at the tenth request."""

import json
import os
import subprocess
import sys

import pytest

from tests.running import start_server


def start_and_fail(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run a command that must end with status 2; return what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    done = subprocess.run(
        [sys.executable, "-m", "oss_faces", *arguments],
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_root_key_is_made_once_and_is_private(tmp_path):
    """The first start makes a key that only its owner can read; the next start takes the same."""
    first = start_server(tmp_path)
    assert first.stop() == 0
    second = start_server(tmp_path)
    assert second.stop() == 0
    assert (first.access_key_id, first.access_key_secret) == (second.access_key_id, second.access_key_secret)
    assert (first.data / "root-key.json").stat().st_mode & 0o077 == 0


def test_root_key_open_to_others_is_refused(tmp_path):
    """A key file that others can read is not used."""
    key = tmp_path / "root-key.json"
    key.write_text(json.dumps({"access_key_id": "id", "access_key_secret": "secret"}))
    key.chmod(0o644)
    said = start_and_fail("serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path))
    assert "chmod 600" in said


def test_half_a_root_key_is_refused(tmp_path):
    """A key id without its secret is a mistake, not a wish for a new key."""
    said = start_and_fail("serve", "--data", str(tmp_path), environment={"OSS_FACES_ACCESS_KEY_ID": "id"})
    assert "together" in said


def test_changed_model_file_ends_the_start(tmp_path):
    """A model file that is not the catalogue's is named, with both digests."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "centerface.onnx").write_bytes(b"something else")
    said = start_and_fail(
        "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "data"),
        environment={"OSS_FACES_MODELS__FOLDER": str(models)},
    )  # fmt: skip
    assert "centerface.onnx" in said
    assert "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc" in said


@pytest.mark.parametrize(
    ("text", "named"), [("[server]\nlisten_on = 1\n", "listen_on"), ("[sever]\n", "sever"), ("x = [", "TOML")]
)
def test_unknown_key_of_the_file_ends_the_start(tmp_path, text, named):
    """A misspelt section or key is an error that names it."""
    file = tmp_path / "oss-faces.toml"
    file.write_text(text)
    assert named in start_and_fail("serve", "--config", str(file))


def test_second_server_on_one_data_folder_is_refused(tmp_path):
    """Two servers cannot write one store."""
    first = start_server(tmp_path)
    try:
        said = start_and_fail("serve", "--listen", "127.0.0.1:0", "--data", str(first.data))
        assert str(first.data) in said
    finally:
        assert first.stop() == 0


def test_occupied_port_is_said_at_start(tmp_path, server):
    """A port in use is named."""
    host, port = server.address
    said = start_and_fail("serve", "--listen", f"{host}:{port}", "--data", str(tmp_path))
    assert f"{host}:{port}" in said


def test_demo_prints_the_answer_and_leaves_nothing_running(tmp_path):
    """The demo ends with the JSON and its count of faces, and its server is gone."""
    done = subprocess.run(
        [sys.executable, "-m", "demo"], capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document, _, last = done.stdout.rstrip().rpartition("\n")
    assert last == f"demo: {len(json.loads(document)['Figures'])} face(s)"
    assert last != "demo: 0 face(s)"
    assert list(tmp_path.iterdir()) == []
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in processes

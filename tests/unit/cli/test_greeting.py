"""What the server says when it is ready."""

import ast
from pathlib import Path

import pytest

from oss_faces.cli.greeting import Addresses, greeting

AWKWARD = Path('/srv/it\'s a "folder"\\{here}/root-key.json')


def program(text: str) -> str:
    """The part between the two lines of words: what a person copies."""
    return text.partition("Try it (pip install oss2):\n")[2].partition("Stop with Ctrl-C.")[0]


@pytest.mark.parametrize("key_file", [Path("/srv/data/root-key.json"), AWKWARD, None])
def test_program_runs_as_it_is_pasted(key_file: Path | None) -> None:
    """Copied as it stands it is Python, with no blank to take away and no path to repair."""
    tree = ast.parse(program(greeting("1.0", Addresses("http://127.0.0.1:9000"), "cn-hangzhou", key_file)))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {"http://127.0.0.1:9000", "cn-hangzhou", "image/faces"} <= texts
    if key_file:
        assert str(key_file) in texts


def test_greeting_says_where_everything_is() -> None:
    """Version, endpoint, region and the place of the key."""
    text = greeting(
        "1.2.3",
        Addresses("http://127.0.0.1:9000", "http://127.0.0.1:9001"),
        "cn-beijing",
        Path("/srv/data/root-key.json"),
    )
    assert "oss-faces 1.2.3 is ready" in text
    for line in (
        "  endpoint  http://127.0.0.1:9000",
        "  admin     http://127.0.0.1:9001/metrics",
        "  console   http://127.0.0.1:9001/console/",
        "  region    cn-beijing",
        "  root key  /srv/data/root-key.json",
    ):
        assert line in text.splitlines()
    nothing_else = greeting("1.2.3", Addresses("http://127.0.0.1:9000"), "r", None).splitlines()
    assert {"  admin     off", "  console   off"} <= set(nothing_else)
    without = greeting("1.2.3", Addresses("e", "http://127.0.0.1:9001", has_console=False), "r", None).splitlines()
    assert {"  admin     http://127.0.0.1:9001/metrics", "  console   off"} <= set(without)


def test_greeting_never_holds_the_key(tmp_path: Path) -> None:
    """It names the file or the environment, whatever stands there."""
    file = tmp_path / "root-key.json"
    file.write_text('{"access_key_id": "OSSFid", "access_key_secret": "hidden-secret"}')
    for text in (greeting("1", Addresses("e"), "r", file), greeting("1", Addresses("e"), "r", None)):
        assert "hidden-secret" not in text
        assert "OSSFid" not in text
    assert "root key  from the environment" in greeting("1", Addresses("e"), "r", None)


def test_greeting_lists_the_mounted_buckets() -> None:
    """Whoever starts the server sees which buckets live elsewhere, and the program below them is still whole."""
    mounts = {"photos": "(read-only): /srv/photos", "archive": "(writable): s3://a/ at https://s"}
    text = greeting("1", Addresses("e"), "r", None, mounts)
    assert "  mounted   photos (read-only): /srv/photos" in text.splitlines()
    assert "  mounted   archive (writable): s3://a/ at https://s" in text.splitlines()
    ast.parse(program(text))


def test_program_writes_into_no_mounted_bucket() -> None:
    """A first try must not put a picture into a folder of somebody's own."""
    for mounted, name in (((), "photos"), (("photos",), "photos-2"), (("photos-2", "photos"), "photos-3")):
        text = greeting("1", Addresses("e"), "r", None, dict.fromkeys(mounted, "(writable): /srv"))
        assert f"bucket = oss2.Bucket(auth, 'e', {name!r}, region='r')" in program(text)


def test_path_of_the_key_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative data folder is told so that the program runs from anywhere."""
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path.resolve() / "data" / "root-key.json") in greeting(
        "1", Addresses("e"), "r", Path("data/root-key.json")
    )

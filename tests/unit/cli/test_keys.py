"""The commands for keys: what they write, where, and what they refuse."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result

from oss_faces.access import DatabaseKeyStore, KeyIssuer
from oss_faces.app import utc_now
from oss_faces.cli import main
from oss_faces.cli.commands import cli
from oss_faces.database import open_database


@pytest.fixture
def run(tmp_path: Path):
    """Run `oss-faces keys ...` on a data folder of its own."""

    def invoke(*arguments: str, folder: str = "data") -> Result:
        return CliRunner().invoke(cli, ["keys", *arguments, "--data", str(tmp_path / folder)], catch_exceptions=False)

    return invoke


@pytest.fixture
def create(run):
    """Make a key; give its id and secret."""

    def make(*arguments: str) -> tuple[str, str]:
        facts = json.loads(run("create", "--json", *(arguments or ("--grant", "*:*"))).stdout)
        return facts["access_key_id"], facts["access_key_secret"]

    return make


def listed(run) -> dict[str, dict[str, object]]:
    lines = (json.loads(line) for line in run("list", "--json").stdout.splitlines())
    return {facts["access_key_id"]: facts for facts in lines}


def test_a_new_key_is_shown_on_stdout_alone(run) -> None:
    """Id and secret, a line each; that they are shown once is said on stderr."""
    result = run("create", "--grant", "oss:GetObject:photos")
    names, values = zip(*(line.split() for line in result.stdout.splitlines()), strict=True)
    assert names == ("access_key_id", "access_key_secret")
    assert len(values[1]) == 30
    assert "not shown again" in result.stderr


def test_a_secret_cannot_be_shown_again(run, create) -> None:
    """Neither listing knows it, nor the token."""
    access_key_id, secret = create()
    lent = json.loads(run("assume", access_key_id, "--json").stdout)
    for shown in (run("list"), run("list", "--json")):
        assert access_key_id in shown.stdout
        for text in (secret, lent["access_key_secret"], lent["security_token"]):
            assert text not in shown.output


def test_list_tells_everything_else(run, create) -> None:
    """Name, state, times, grants, and which key lent what."""
    access_key_id, _ = create(
        "--name", "照片 reader", "--grant", "oss:GetObject,imm:*:photos/2024/", "--grant", "oss:*:b-b"
    )
    lent = json.loads(run("assume", access_key_id, "--json", "--duration", "90m", "--grant", "imm:*:photos").stdout)
    keys = listed(run)
    assert list(keys) == [access_key_id, lent["access_key_id"]]
    key, temporary = keys.values()
    assert (key["name"], key["state"]) == ("照片 reader", "enabled")
    assert (key["expires"], key["parent_id"]) == (None, None)
    assert key["grants"] == ["oss:GetObject,imm:*:photos/2024/", "oss:*:b-b"]
    assert (temporary["parent_id"], temporary["expires"]) == (access_key_id, lent["expires"])
    assert temporary["grants"] == ["imm:*:photos"]
    head, *rows = run("list").stdout.splitlines()
    assert head.split()[:3] == ["ID", "STATE", "CREATED"]
    assert [row.split()[0] for row in rows] == list(keys)
    assert "oss:GetObject,imm:*:photos/2024/  oss:*:b-b" in rows[0]


def test_credentials_are_shown_with_token_and_end(run, create) -> None:
    """The four things that a program needs."""
    access_key_id, _ = create()
    lines = dict(line.split() for line in run("assume", access_key_id).stdout.splitlines())
    assert list(lines) == ["access_key_id", "access_key_secret", "security_token", "expires"]
    assert lines["access_key_id"].startswith("STS.")
    assert lines["expires"].endswith("Z")


def test_switching_and_removing(run, create) -> None:
    """Off, on and gone, with what was made with the key."""
    access_key_id, _ = create()
    run("assume", access_key_id)
    for command, states in (("disable", ["disabled"] * 2), ("enable", ["enabled"] * 2), ("delete", [])):
        result = run(command, access_key_id)
        assert (result.exit_code, result.stdout) == (0, "")
        assert [facts["state"] for facts in listed(run).values()] == states


def test_what_has_ended_is_listed_so(run, create, tmp_path: Path) -> None:
    """Credentials whose time is over are told from those that count."""
    access_key_id, _ = create()
    database = open_database(tmp_path / "data")
    yesterday = KeyIssuer(DatabaseKeyStore(database), lambda: utc_now() - timedelta(hours=2))
    key = anyio.run(yesterday.assume, access_key_id, timedelta(hours=1), [])
    database.close()
    assert listed(run)[key.access_key_id]["state"] == "ended"


@pytest.mark.parametrize(("text", "seconds"), [("1s", 1), ("15m", 900), ("12h", 43200), ("7d", 604800)])
def test_durations(text: str, seconds: int, run, create) -> None:
    """A number and a unit, counted from now."""
    access_key_id, _ = create()
    before = utc_now().replace(microsecond=0)
    facts = json.loads(run("assume", access_key_id, "--json", "--duration", text).stdout)
    after = utc_now()
    low, high = ((moment + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (before, after))
    assert low <= facts["expires"] <= high


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create"], "--grant"),
        (["create", "--grant", "oss:GetObjet:photos"], "no such permission: 'oss:GetObjet'"),
        (["create", "--grant", "*:*", "--name", "x" * 65], "at most 64"),
        (["assume", "OSSFnobody"], "no such key: OSSFnobody"),
        (["assume", "OSSFnobody", "--duration", "8d"], "from 1 second to 7 days"),
        (["assume", "OSSFnobody", "--duration", "1y"], "--duration"),
        (["assume", "OSSFnobody", "--duration", "0s"], "--duration"),
        (["disable", "OSSFnobody"], "no such key: OSSFnobody"),
        (["enable", "OSSFnobody"], "no such key: OSSFnobody"),
        (["delete", "OSSFnobody"], "no such key: OSSFnobody"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 2, the reason on stderr, nothing on stdout."""
    monkeypatch.setattr(sys, "argv", ["oss-faces", "keys", *arguments, "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (2, "")
    assert said in shown.err

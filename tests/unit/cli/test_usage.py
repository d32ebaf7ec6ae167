"""`oss-faces usage`: for people and for programs."""

import csv
import io
import json
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from oss_faces.cli import main
from oss_faces.cli.commands import cli
from oss_faces.database import open_database
from oss_faces.metering import DatabaseUsageStore, Outcome, UsageCounts, UsageKey

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
OK = Outcome.SUCCEEDED


@pytest.fixture
def data(memory_disk: Path) -> Path:
    """A data folder in which two days were counted."""
    with closing(open_database(memory_disk)) as database:
        DatabaseUsageStore(database).add(
            {
                UsageKey(MONDAY, "alice", "photos", "oss:ProcessImage", OK): UsageCounts(1234, 2048, 5 * 1024**3, 1234),
                UsageKey(TUESDAY, "bob", "photos", "oss:GetObject", OK): UsageCounts(2, 512, 512),
                UsageKey(TUESDAY, "", "", "", Outcome.DENIED): UsageCounts(3, 999),
            }
        )
    return memory_disk


def run(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["usage", "--data", str(data), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_table_is_for_people(data: Path) -> None:
    """Plain units, aligned, with a sum; columns in which nothing stands are left out."""
    assert run(data) == (
        "day           GET  denied  ImageDetect  bytes out  bytes read\n"
        "2026-11-23  1,234       0        1,234    2.0 KiB     5.0 GiB\n"
        "2026-11-24      2       3            0    1.5 KiB       512 B\n"
        "total       1,236       3        1,234    3.5 KiB     5.0 GiB\n"
    )


def test_table_can_go_by_several_things(data: Path) -> None:
    """Who has no name is named so."""
    lines = run(data, "--by", "key", "--by", "bucket").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["key", "bucket"],
        ["(none)", "(none)"],
        ["alice", "photos"],
        ["bob", "photos"],
        ["total", "1,236"],
    ]


def test_days_are_chosen(data: Path) -> None:
    """Both ends are included; a time without use says so."""
    assert "2026-11-24" not in run(data, "--to", "2026-11-23")
    assert "2026-11-23" not in run(data, "--from", "2026-11-24", "--to", "2026-11-24")
    assert run(data, "--from", "2026-11-25") == "Nothing was used in this time.\n"


def test_json_and_csv_are_exact_and_the_same(data: Path) -> None:
    """Every number in full, every column always there, nothing summed up."""
    listed = json.loads(run(data, "--by", "key", "--json"))
    assert [row["access_key_id"] for row in listed] == ["", "alice", "bob"]
    assert (listed[1]["get_requests"], listed[1]["source_bytes"], listed[0]["denied"]) == (1234, 5 * 1024**3, 3)
    rows = list(csv.DictReader(io.StringIO(run(data, "--by", "key", "--csv"))))
    assert rows == [{name: str(value) for name, value in row.items()} for row in listed]


def test_nothing_is_an_empty_list(data: Path) -> None:
    """Programs get a document all the same."""
    assert json.loads(run(data, "--from", "2030-01-01", "--json")) == []
    assert run(data, "--from", "2030-01-01", "--csv").count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--from", "today"], ["--by", "hour"], ["--from", "2026-11-24", "--to", "2026-11-23"]]
)
def test_wrong_arguments_are_refused(arguments: list[str], data: Path) -> None:
    """Status 2, and what is wrong."""
    assert CliRunner().invoke(cli, ["usage", "--data", str(data), *arguments]).exit_code == 2


def test_folder_of_nobody_is_left_alone(tmp_path: Path, monkeypatch, capsys) -> None:
    """A mistyped folder is an error, and is not made."""
    monkeypatch.setattr(sys, "argv", ["oss-faces", "usage", "--data", str(tmp_path / "typo")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "nothing was counted yet" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()

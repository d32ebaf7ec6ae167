"""`oss-faces usage`: sums of use as a table for people, or as JSON or CSV for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from oss_faces.app import open_usage
from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.metering import GroupBy, UsageGroup, UsageSum, csv_text, records, summed

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_NOBODY: Final = "(none)"
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "get_requests": "GET",
        "head_requests": "HEAD",
        "put_requests": "PUT",
        "list_requests": "LIST",
        "delete_requests": "DELETE",
        "imm_requests": "IMM",
        "other_requests": "other",
        "not_modified": "unchanged",
        "denied": "denied",
        "missing": "missing",
        "refused": "refused",
        "failed": "failed",
        "image_detect": "ImageDetect",
        "image_compare": "Compare",
        "cache_hits": "cached",
        "bytes_out": "bytes out",
        "source_bytes": "bytes read",
    }
)

Writer = Callable[[Sequence[UsageGroup], Sequence[GroupBy]], str]


@click.command()
@STATE
@click.option("--from", "first", type=_DAY, metavar="YYYY-MM-DD", help="First day, in UTC.  [default: the oldest]")
@click.option("--to", "last", type=_DAY, metavar="YYYY-MM-DD", help="Last day, included.  [default: today]")
@click.option(
    "--by",
    type=click.Choice([part.value for part in GroupBy]),
    multiple=True,
    default=[GroupBy.DAY.value],
    help="What to sum by; may be given more than once.  [default: day]",
)
@click.option("--json", "form", flag_value="json", help="Write JSON, with exact numbers.")
@click.option("--csv", "form", flag_value="csv", help="Write CSV, with exact numbers.")
@CONFIG
def usage(
    data: str | None,
    first: datetime | None,
    last: datetime | None,
    by: tuple[str, ...],
    form: str | None,
    config: Path | None,
) -> None:
    """Show what was used: requests, bytes and detections.

    GET to LIST are requests that succeeded; denied (403), missing (404), refused (other 4xx) and failed (5xx) are those
    that did not. ImageDetect counts pictures, not faces.
    """
    if first is not None and last is not None and first > last:
        raise click.UsageError("--from is behind --to")
    write: Writer = {"json": json_text, "csv": csv_text}.get(form or "", table)
    parts = tuple(GroupBy(part) for part in dict.fromkeys(by))
    with open_usage(given_settings(config, {("storage", "data_dir"): data})) as reader:
        rows = reader.rows(first.date() if first else None, last.date() if last else None)
    click.echo(write(summed(rows, parts), parts), nl=False)


def table(groups: Sequence[UsageGroup], by: Sequence[GroupBy]) -> str:
    """Write a table with a line for each group and one with the sums; columns in which nothing stands are left out."""
    if not groups:
        return "Nothing was used in this time.\n"
    total = sum((group.sums for group in groups), UsageSum())
    shown = [field.name for field in fields(UsageSum) if getattr(total, field.name)]
    head = [*by, *(_COLUMNS[name] for name in shown)]
    lines = [[*(name or _NOBODY for name in group.names), *_cells(group.sums, shown)] for group in groups]
    lines.append(["total", *[""] * (len(by) - 1), *_cells(total, shown)])
    widths = [max(len(line[place]) for line in [head, *lines]) for place in range(len(head))]
    return "".join(_line(line, widths, len(by)) for line in [head, *lines])


def json_text(groups: Sequence[UsageGroup], by: Sequence[GroupBy]) -> str:
    """Write a JSON list with an object for each group; all numbers exact."""
    return json.dumps(records(groups, by), indent=2) + "\n"


def _cells(sums: UsageSum, shown: Sequence[str]) -> list[str]:
    return [_size(getattr(sums, name)) if "bytes" in name else f"{getattr(sums, name):,}" for name in shown]


def _size(size_bytes: int) -> str:
    """Write a size with three digits or so: `999 B`, `1.0 KiB`, `12.3 MiB`."""
    size, place = float(size_bytes), 0
    while size >= 1024 and place < len(_UNITS) - 1:
        size, place = size / 1024, place + 1
    return f"{size:,.0f} {_UNITS[place]}" if place == 0 else f"{size:,.1f} {_UNITS[place]}"


def _line(cells: Sequence[str], widths: Sequence[int], names: int) -> str:
    """Names begin at the left, numbers end at the right."""
    shown = [
        cell.ljust(width) if place < names else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(shown).rstrip() + "\n"

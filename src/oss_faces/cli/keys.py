"""The commands for access keys. Data to stdout, words to stderr."""

import json
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import click

from oss_faces.access import AccessKey, KeyIssuer, KeyRecord
from oss_faces.app import open_keys, utc_now
from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.grants import Grant

_ID: Final = click.argument("access_key_id", metavar="ID")
_GRANT_FORM: Final = "PERMISSION,...:BUCKET[/PREFIX]"
_DURATION: Final = re.compile(r"([1-9][0-9]{0,6})([smhd])", re.ASCII)
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@click.group()
def keys() -> None:
    """Make, list, switch off and remove access keys.

    Run it as the user of the server, whose data folder it changes. A running server knows each change with the next
    request. The root key is none of these: it may do everything, and is kept in a file of its own.
    """


@keys.command()
@click.option("--name", default="", metavar="TEXT", help="What to know the key by.")
@click.option(
    "--grant",
    "grants",
    multiple=True,
    required=True,
    metavar=_GRANT_FORM,
    help="What it may do; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@STATE
@CONFIG
def create(name: str, grants: tuple[str, ...], as_json: bool, data: str | None, config: Path | None) -> None:
    """Make a key. Its secret is shown this once.

    \b
    --grant oss:GetObject:photos/2024/      read what begins with 2024/
    --grant 'oss:*:photos'                  everything of the object service in a bucket
    --grant oss:GetObject,oss:ProcessImm,imm:DetectImageFaces:photos
                                            read, and image/faces
    """  # noqa: D301  (click knows the control character, and not how it is written)
    wanted = [Grant.parse(text) for text in grants]
    with _opened(data, config) as issuer:
        key = anyio.run(issuer.create, name, wanted)
    _show(key, as_json=as_json)


@keys.command()
@_ID
@click.option("--duration", default="1h", metavar="TIME", help="From 1s to 7d.", show_default=True)
@click.option(
    "--grant",
    "grants",
    multiple=True,
    metavar=_GRANT_FORM,
    help="Narrower than the key; more than the key may do is never allowed.  [default: all that the key may do]",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@STATE
@CONFIG
def assume(
    access_key_id: str,
    duration: str,
    grants: tuple[str, ...],
    as_json: bool,
    data: str | None,
    config: Path | None,
) -> None:
    """Make temporary credentials with a key: id, secret and token.

    They end by themselves, and stop at once when the key is disabled or deleted. Secret and token are shown this once.
    """
    wanted, span = [Grant.parse(text) for text in grants], _span(duration)
    with _opened(data, config) as issuer:
        key = anyio.run(issuer.assume, access_key_id, span, wanted)
    _show(key, as_json=as_json)


@keys.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for each key.")
@STATE
@CONFIG
def list_keys(as_json: bool, data: str | None, config: Path | None) -> None:
    """List all keys and temporary credentials, oldest first. Secrets are not shown."""
    with _opened(data, config) as issuer:
        records = anyio.run(issuer.list)
    states = _states(records, utc_now())
    if as_json:
        for record in records:
            click.echo(json.dumps(_facts(record, states[record.access_key_id]), ensure_ascii=False))
        return
    for line in _table(records, states):
        click.echo(line)


@keys.command()
@_ID
@STATE
@CONFIG
def disable(access_key_id: str, data: str | None, config: Path | None) -> None:
    """Switch a key off, and the temporary credentials made with it."""
    with _opened(data, config) as issuer:
        anyio.run(partial(issuer.set_enabled, access_key_id, is_enabled=False))


@keys.command()
@_ID
@STATE
@CONFIG
def enable(access_key_id: str, data: str | None, config: Path | None) -> None:
    """Switch a key on again."""
    with _opened(data, config) as issuer:
        anyio.run(partial(issuer.set_enabled, access_key_id, is_enabled=True))


@keys.command()
@_ID
@STATE
@CONFIG
def delete(access_key_id: str, data: str | None, config: Path | None) -> None:
    """Remove a key for good, and the temporary credentials made with it."""
    with _opened(data, config) as issuer:
        anyio.run(issuer.delete, access_key_id)


def _opened(data: str | None, config: Path | None) -> AbstractContextManager[KeyIssuer]:
    return open_keys(given_settings(config, {("storage", "data_dir"): data}))


def _span(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter("a number and s, m, h or d, for instance 90m", param_hint="--duration")
    return timedelta(seconds=int(match[1]) * _UNIT_S[match[2]])


def _show(key: AccessKey, *, as_json: bool) -> None:
    """Write a new key: the one place that reveals a secret."""
    facts = {"access_key_id": key.access_key_id, "access_key_secret": key.secret.reveal()}
    if key.token is not None and key.expires is not None:
        facts |= {"security_token": key.token.reveal(), "expires": key.expires.strftime(_TIME)}
    if as_json:
        click.echo(json.dumps(facts))
    else:
        for name, value in facts.items():
            click.echo(f"{name:<18}{value}")
    click.echo("Keep it now: the secret is not shown again.", err=True)


def _facts(record: KeyRecord, state: str) -> dict[str, object]:
    return {
        "access_key_id": record.access_key_id,
        "name": record.name,
        "state": state,
        "created": record.created.strftime(_TIME),
        "expires": record.expires.strftime(_TIME) if record.expires else None,
        "parent_id": record.parent_id or None,
        "grants": [str(grant) for grant in record.grants],
    }


def _states(records: Sequence[KeyRecord], now: datetime) -> Mapping[str, str]:
    """Say of each key whether it works; temporary credentials work as long as the key that they were made with."""
    off = {record.access_key_id for record in records if not record.is_enabled}
    return {record.access_key_id: _state(record, off, now) for record in records}


def _state(record: KeyRecord, off: AbstractSet[str], now: datetime) -> str:
    if record.expires is not None and record.expires < now:
        return "ended"
    return "enabled" if off.isdisjoint((record.access_key_id, record.parent_id)) else "disabled"


def _table(records: Sequence[KeyRecord], states: Mapping[str, str]) -> list[str]:
    head = ("ID", "STATE", "CREATED", "ENDS", "MADE WITH", "NAME", "GRANTS")
    rows = [
        (
            record.access_key_id,
            states[record.access_key_id],
            record.created.strftime(_TIME),
            record.expires.strftime(_TIME) if record.expires else "-",
            record.parent_id or "-",
            record.name or "-",
            "  ".join(str(grant) for grant in record.grants) or "-",
        )
        for record in records
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]

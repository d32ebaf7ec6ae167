"""The commands: parse arguments, build settings, call the application. Data to stdout, words to stderr."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import click

from oss_faces.app import (
    build_keys,
    build_mounts,
    build_pipeline,
    build_vectors,
    open_usage,
    package_version,
)
from oss_faces.cli.detecting import detect_all
from oss_faces.cli.expressions import expressions
from oss_faces.cli.greeting import Addresses, greeting
from oss_faces.cli.jobs import jobs
from oss_faces.cli.keys import keys
from oss_faces.cli.logs import log_to_stderr
from oss_faces.cli.models import models
from oss_faces.cli.options import CONFIG as _CONFIG
from oss_faces.cli.options import STATE as _STATE
from oss_faces.cli.people import people
from oss_faces.cli.re_embedding import re_embed
from oss_faces.cli.usage import Writer, json_text, table
from oss_faces.config import Settings, read_settings
from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.http import open_socket
from oss_faces.metering import GroupBy, csv_text, summed
from oss_faces.serving import run_server
from oss_faces.storage import MountSettings

_DAY = click.DateTime(["%Y-%m-%d"])
_INTERRUPTED: Final = 128 + signal.SIGINT
_OMIT = click.option("--omit", metavar="NAME,...", help="Attributes to leave out of every answer, e.g. attractive,age.")


class _Commands(click.Group):
    """Commands that end with the status that shells have for it when they are interrupted."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_version(), prog_name="oss-faces")
def cli() -> None:
    """Self-hosted answer to OSS image/faces."""


cli.add_command(keys)
cli.add_command(re_embed)
cli.add_command(models)
cli.add_command(expressions)
cli.add_command(people)
cli.add_command(jobs)


@cli.command()
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on.  [default: 127.0.0.1:9000]")
@click.option("--data", metavar="DIR", help="Folder for objects, names and the root key.")
@click.option("--mount", "mounts", metavar="BUCKET=DIR", multiple=True, help="Show a folder as a bucket, read-only.")
@_OMIT
@_CONFIG
def serve(listen: str | None, data: str | None, mounts: tuple[str, ...], omit: str | None, config: Path | None) -> None:
    """Start the server. Stops gracefully on SIGINT or SIGTERM."""
    settings = _settings(config, {("server", "listen"): listen, ("storage", "data_dir"): data}, omit)
    settings = _with_mounts(settings, mounts)
    log_to_stderr()
    sources = build_mounts(settings, os.environ)
    keys, key_file = build_keys(settings, os.environ)
    vectors = partial(build_vectors, settings, os.environ)
    with open_socket(settings.server) as listener:
        run = partial(run_server, settings, keys, sources, vectors, listener, partial(_greet, settings, key_file))
        anyio.run(run, backend_options={"use_uvloop": True})


@cli.command()
@click.argument("source", metavar="FILE|DIR|-")
@click.option("--draw", metavar="OUT", type=click.Path(path_type=Path), help="Write pictures with the faces drawn.")
@_OMIT
@_CONFIG
def detect(source: str, draw: Path | None, omit: str | None, config: Path | None) -> None:
    """Find faces without a server; one JSON line for each picture.

    SOURCE is a picture file, a folder (searched through, every file in it is tried) or - for standard input. Exit
    status: 0 when every picture was analysed, 1 when one was not, 2 for wrong usage.
    """
    settings = _settings(config, {}, omit)
    failed = detect_all(build_pipeline(settings), settings, source, draw)
    sys.exit(1 if failed else 0)


@cli.command()
@_STATE
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
@_CONFIG
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
    with open_usage(_settings(config, {("storage", "data_dir"): data}, None)) as reader:
        rows = reader.rows(first.date() if first else None, last.date() if last else None)
    click.echo(write(summed(rows, parts), parts), nl=False)


def main() -> None:
    """Run the command line; known errors end it with one plain line and status 2."""
    try:
        cli.main(prog_name="oss-faces")
    except OssFacesError as exc:
        click.echo(f"oss-faces: {exc.message}", err=True)
        sys.exit(2)


def _settings(config: Path | None, flags: Mapping[tuple[str, str], str | None], omit: str | None) -> Settings:
    given: dict[str, dict[str, object]] = {}
    for (section, key), value in flags.items():
        if value is not None:
            given.setdefault(section, {})[key] = value
    if omit is not None:
        given["analysis"] = {"omit": tuple(name.strip() for name in omit.split(",") if name.strip())}
    return read_settings(config, os.environ, given)


def _with_mounts(settings: Settings, mounts: tuple[str, ...]) -> Settings:
    """Add the folders of the command line to those of the settings; of one bucket the command line's counts."""
    buckets = dict(settings.mounts.buckets)
    for mount in mounts:
        name, equals, folder = mount.partition("=")
        if not equals or not folder:
            raise ConfigurationError(f"--mount takes BUCKET=DIR, and not {mount!r}")
        buckets[name] = MountSettings(folder=Path(folder))
    merged = replace(settings, mounts=replace(settings.mounts, buckets=buckets))
    merged.validate()
    return merged


def _greet(settings: Settings, key_file: Path | None, endpoint: str, admin: str | None) -> None:
    mounts = {
        name: f"({'writable' if mount.writable else 'read-only'}): {mount.place}"
        for name, mount in sorted(settings.mounts.buckets.items())
    }
    addresses = Addresses(endpoint, admin, settings.console.enabled)
    click.echo(greeting(package_version(), addresses, settings.server.region, key_file, mounts))
    sys.stdout.flush()

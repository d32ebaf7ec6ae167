"""The commands: parse arguments, build settings, call the application. Data to stdout, words to stderr."""

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import anyio
import click

from oss_faces.app import build_keys, build_pipeline, package_version, run_server
from oss_faces.cli.detecting import detect_all
from oss_faces.cli.greeting import greeting
from oss_faces.cli.logs import log_to_stderr
from oss_faces.config import Settings, read_settings
from oss_faces.errors import ConfigurationError, ModelUnavailable, StorageUnavailable
from oss_faces.http import open_socket
from oss_faces.inference import list_models

_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="OSS_FACES_CONFIG",
    help="TOML file with settings.",
)
_OMIT = click.option("--omit", metavar="NAME,...", help="Attributes to leave out of every answer, e.g. attractive,age.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_version(), prog_name="oss-faces")
def cli() -> None:
    """Self-hosted answer to OSS image/faces."""


@cli.command()
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on.  [default: 127.0.0.1:9000]")
@click.option("--data", metavar="DIR", help="Folder for objects, names and the root key.")
@_OMIT
@_CONFIG
def serve(listen: str | None, data: str | None, omit: str | None, config: Path | None) -> None:
    """Start the server. Stops gracefully on SIGINT or SIGTERM."""
    settings = _settings(config, {("server", "listen"): listen, ("storage", "data_dir"): data}, omit)
    log_to_stderr()
    keys, key_file = build_keys(settings, os.environ)
    with open_socket(settings.server) as listener:
        run = partial(run_server, settings, keys, listener, lambda endpoint: _greet(settings, key_file, endpoint))
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
@_CONFIG
def models(config: Path | None) -> None:
    """List the networks in use: version, origin, sha256, licence."""
    for spec in list_models(_settings(config, {}, None).models):
        click.echo(f"{spec.name_version}\n  origin   {spec.origin}\n  sha256   {spec.sha256}")
        click.echo(f"  licence  {spec.licence}\n  input    {spec.input}\n  output   {spec.output}")


def main() -> None:
    """Run the command line; known errors end it with one plain line and status 2."""
    try:
        cli.main(prog_name="oss-faces")
    except (ConfigurationError, ModelUnavailable, StorageUnavailable) as exc:
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


def _greet(settings: Settings, key_file: Path | None, endpoint: str) -> None:
    click.echo(greeting(package_version(), endpoint, settings.server.region, key_file))
    sys.stdout.flush()

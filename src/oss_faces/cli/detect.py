"""`oss-faces detect`: what it is told."""

import sys
from pathlib import Path

import click

from oss_faces.app import build_pipeline
from oss_faces.cli.detecting import detect_all
from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, OMIT


@click.command()
@click.argument("source", metavar="FILE|DIR|-")
@click.option("--draw", metavar="OUT", type=click.Path(path_type=Path), help="Write pictures with the faces drawn.")
@OMIT
@CONFIG
def detect(source: str, draw: Path | None, omit: str | None, config: Path | None) -> None:
    """Find faces without a server; one JSON line for each picture.

    SOURCE is a picture file, a folder (searched through, every file in it is tried) or - for standard input. Exit
    status: 0 when every picture was analysed, 1 when one was not, 2 for wrong usage.
    """
    settings = given_settings(config, {}, omit)
    failed = detect_all(build_pipeline(settings), settings, source, draw)
    sys.exit(1 if failed else 0)

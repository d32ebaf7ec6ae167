"""Options that several commands have."""

from pathlib import Path
from typing import Final

import click

CONFIG: Final = click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="OSS_FACES_CONFIG",
    help="TOML file with settings.",
)
STATE: Final = click.option("--data", metavar="DIR", help="Data folder of the server, which may be running.")
OMIT: Final = click.option(
    "--omit", metavar="NAME,...", help="Attributes to leave out of every answer, e.g. attractive,age."
)

"""The command line: which commands there are. Each is imported when it is asked for."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

import click

from oss_faces.errors import OssFacesError

_INTERRUPTED: Final = 128 + signal.SIGINT

# Name of a command: its module in this package, and its name there.
_HOMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "keys": ("keys", "keys"),
        "re-embed": ("re_embedding", "re_embed"),
        "models": ("models", "models"),
        "expressions": ("expressions", "expressions"),
        "people": ("people", "people"),
        "job": ("jobs", "jobs"),
        "serve": ("serve", "serve"),
        "detect": ("detect", "detect"),
        "usage": ("usage", "usage"),
    }
)


class _LateCommands(Mapping[str, click.Command]):
    """Commands by name. What a command does may need half of all modules, and is imported for no other."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute = _HOMES[name]
        command: click.Command = getattr(import_module(f"oss_faces.cli.{module}"), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


class _Commands(click.Group):
    """Commands that end with the status that shells have for it when they are interrupted."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_INTERRUPTED)


@click.group(
    cls=_Commands,
    # Nobody adds to them.
    commands=cast("dict[str, click.Command]", _LateCommands()),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="oss-faces", prog_name="oss-faces")
def cli() -> None:
    """Self-hosted answer to OSS image/faces."""


def main() -> None:
    """Run the command line; known errors end it with one plain line and status 2."""
    # Else it asks every installed package whether it would change how settings are read, at each start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        cli.main(prog_name="oss-faces")
    except OssFacesError as exc:
        click.echo(f"oss-faces: {exc.message}", err=True)
        sys.exit(2)

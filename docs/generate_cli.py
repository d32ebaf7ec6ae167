"""Write the help texts of docs/cli.md from the commands: `python docs/generate_cli.py [--check]`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from marked_region import keep

from oss_faces.cli.commands import cli

PAGE: Final = Path(__file__).with_name("cli.md")
_WIDTH: Final = 100


def main() -> None:
    """Bring the page up to date, or check it."""
    root = cli.make_context("oss-faces", [], resilient_parsing=True, terminal_width=_WIDTH)
    keep(PAGE, "\n".join(_help(context) for context in _contexts(root)))


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Give a command and, below a group, each of its commands."""
    yield context
    if isinstance(context.command, click.Group):
        for name, command in context.command.commands.items():
            yield from _contexts(command.make_context(name, [], context, resilient_parsing=True))


def _help(context: click.Context) -> str:
    return f"## `{context.command_path}`\n\n```\n{context.get_help()}\n```\n"


main()

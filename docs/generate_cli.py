"""Write the help texts of docs/cli.md from the commands: `python docs/generate_cli.py [--check]`."""

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
    commands = cli.commands.items()
    contexts = [root, *(command.make_context(name, [], root, resilient_parsing=True) for name, command in commands)]
    keep(PAGE, "\n".join(_help(context) for context in contexts))


def _help(context: click.Context) -> str:
    return f"## `{context.command_path}`\n\n```\n{context.get_help()}\n```\n"


main()

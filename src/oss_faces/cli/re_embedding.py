"""The command that brings a dataset to another model. Words to stderr, the result to stdout."""

import os
import sys
from pathlib import Path
from typing import Final

import anyio
import click

from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.imm_errors import ResourceInUse, ResourceNotFound
from oss_faces.model_change import open_re_embedder
from oss_faces.operations import ReEmbedded

_WHOLE: Final = 100


@click.command("re-embed")
@click.argument("project")
@click.argument("dataset")
@click.option("--drop-unreadable", is_flag=True, help="Erase files whose picture is gone or changed.")
@STATE
@CONFIG
def re_embed(project: str, dataset: str, *, drop_unreadable: bool, data: str | None, config: Path | None) -> None:
    """Bring a dataset to the recognition network of the settings.

    Every face is read off its picture again. A server with the old network may be running: it searches and adds faces
    as before, until all faces have their new vector and the dataset is switched; start it with the new network then.
    What was done is kept when the command is stopped. Exit status: 0 when the dataset was switched, 1 when not,
    because pictures are gone or changed.
    """
    settings = given_settings(config, {("storage", "data_dir"): data})
    try:
        done = anyio.run(_bring, settings, DatasetRef(project, dataset), drop_unreadable)
    except (ResourceInUse, ResourceNotFound) as exc:
        raise click.ClickException(exc.message) from exc
    erased = f", {done.erased_files} files erased" if done.erased_files else ""
    click.echo(f"{project}/{dataset}: {done.figures} faces embedded{erased}; searched in {done.space} now")


async def _bring(settings: Settings, ref: DatasetRef, drops_unreadable: bool) -> ReEmbedded:
    async with open_re_embedder(settings, os.environ) as worker:
        with click.progressbar(length=_WHOLE, label="faces", file=sys.stderr) as bar:
            return await worker.bring(ref, lambda done: bar.update(done - bar.pos), drops_unreadable=drops_unreadable)

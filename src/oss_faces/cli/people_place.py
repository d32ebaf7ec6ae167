"""Which people a command is about: the options that all commands for people have."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.cli.reading import STANDARD_INPUT, read_picture
from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.desk import Desk, open_desk
from oss_faces.errors import InvalidArgument
from oss_faces.operations.people import SeenPicture

# How to get at the people of a dataset; tests hand in another through the object of the context.
Opener = Callable[[Settings, DatasetRef], AbstractContextManager[Desk]]

_NAME_LENGTH_MAX: Final = 128


@dataclass(frozen=True, slots=True)
class Place:
    """The people of one dataset in one data folder."""

    settings: Settings
    ref: DatasetRef
    opener: Opener

    def open(self) -> AbstractContextManager[Desk]:
        """Open the data folder."""
        return self.opener(self.settings, self.ref)

    def see(self, desk: Desk, source: str) -> SeenPicture:
        """Read a picture and find its faces.

        Raises:
            ImageError: it is none that can be analysed.
            InvalidArgument: it cannot be read.
        """
        try:
            content = read_picture(source, self.settings.decoding.size_bytes_max)
            modified = datetime.now(UTC).timestamp() if source == STANDARD_INPUT else Path(source).stat().st_mtime
        except OSError as exc:
            raise InvalidArgument(f"{source}: {exc.strerror or exc}") from exc
        return desk.sight().see(content, datetime.fromtimestamp(modified, UTC))


class _Dataset(click.ParamType[DatasetRef]):
    """`PROJECT/NAME`."""

    name = "dataset"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> DatasetRef:
        project, _, name = value.partition("/")
        if not project or not name or "/" in name or max(len(project), len(name)) > _NAME_LENGTH_MAX:
            self.fail("a project, a slash and a name, for instance shop/customers", param, ctx)
        return DatasetRef(project, name)


_DATASET: Final = click.option(
    "--dataset",
    type=_Dataset(),
    default="people/people",
    show_default=True,
    metavar="PROJECT/NAME",
    help="Where the people are; it is the same dataset over IMM.",
)


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its options for the place, and the place as its first argument."""

    @_DATASET
    @STATE
    @CONFIG
    @click.pass_context
    @functools.wraps(command)
    def invoke(
        ctx: click.Context, /, dataset: DatasetRef, data: str | None, config: Path | None, **options: object
    ) -> None:
        settings = given_settings(config, {("storage", "data_dir"): data})
        command(Place(settings, dataset, ctx.obj or open_desk), **options)

    return invoke

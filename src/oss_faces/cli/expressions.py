"""`oss-faces expressions`: what faces show over time, as CSV or lines of JSON, and as a plot."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from oss_faces.app import build_recognition
from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.cli.series import Order, SeriesOptions, open_series
from oss_faces.cli.timeline import write_timeline
from oss_faces.config import Settings
from oss_faces.errors import ConfigurationError
from oss_faces.rendering.plot import ENDINGS, ExpressionPlot, require_plotting
from oss_faces.rendering.timeline import Moment, csv_head, csv_lines, json_line

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_PER_SECOND_MIN: Final = 0.01

Write = Callable[[str], None]


@click.command()
@click.argument("source", metavar="oss://BUCKET[/PREFIX]|DIR|FILE|VIDEO")
@click.option("--out", type=_FILE, metavar="FILE", help="Where to write the timeline.  [default: standard output]")
@click.option("--plot", type=_FILE, metavar="FILE", help="Where to draw it: .svg or .png; needs oss-faces[plot].")
@click.option("--json", "as_json", is_flag=True, help="Write a line of JSON for each picture instead of CSV.")
@click.option("--fps", default=2.0, show_default=True, help="Frames of a second that are looked at in a video.")
@click.option(
    "--order",
    type=click.Choice(["name", "time"]),
    default="name",
    show_default=True,
    help="Of the pictures of a folder or prefix; time is that of their last change.",
)
@STATE
@CONFIG
def expressions(  # noqa: PLR0913  one argument for each option
    source: str,
    out: Path | None,
    plot: Path | None,
    *,
    as_json: bool,
    fps: float,
    order: Order,
    data: str | None,
    config: Path | None,
) -> None:
    """Write what faces show over time: a row for each face of each picture.

    SOURCE is a prefix of a bucket, mounted or in the data folder of a server, which may be running; a folder; a
    picture; or a video, which needs oss-faces[video]. Faces are followed from picture to picture: the column track
    numbers them.

    Exit status: 0 when every picture was analysed, 1 when one was not, 2 for wrong usage, 130 after Ctrl-C. What was
    written until then is whole.
    """
    settings = given_settings(config, {("storage", "data_dir"): data or None})
    _check(settings, source, fps, [path for path in (out, plot) if path])
    drawn = _plot(plot)
    options = SeriesOptions(fps, order, tuple(path for path in (out, plot) if path))
    with open_series(source, settings, os.environ, options) as series:
        recognition = build_recognition(settings)
        with _writing(out) as write:
            if not as_json:
                write(csv_head())

            def take(moment: Moment) -> None:
                write(json_line(moment, settings.rendering) if as_json else csv_lines(moment))
                if drawn is not None:
                    drawn.add(moment)

            failed = write_timeline(series, recognition, settings.workers.running, take)
    if drawn is not None and plot is not None:
        with _told(plot):
            drawn.write(plot)
    sys.exit(1 if failed else 0)


def _check(settings: Settings, source: str, fps: float, written: list[Path]) -> None:
    """Say all that is wrong with the arguments before the first picture.

    Raises:
        ConfigurationError.
    """
    most = settings.video.frames_per_second_max
    if not _PER_SECOND_MIN <= fps <= most:
        raise ConfigurationError(f"--fps must lie between {_PER_SECOND_MIN} and {most}")
    if len({path.resolve() for path in written}) < len(written):
        raise ConfigurationError("--out and --plot are the same file")
    for path in written:
        if not path.parent.is_dir():
            raise ConfigurationError(f"no such folder: {path.parent}")
        if path.resolve() == Path(source).resolve():
            raise ConfigurationError(f"{path} is the source itself")


def _plot(target: Path | None) -> ExpressionPlot | None:
    if target is None:
        return None
    if target.suffix.lower() not in ENDINGS:
        raise ConfigurationError(f"--plot ends in {' or '.join(ENDINGS)}, and not in {target.suffix!r}")
    require_plotting()
    return ExpressionPlot()


@contextmanager
def _writing(out: Path | None) -> Iterator[Write]:
    """Give what writes a piece of text so that it is there when the call returns."""
    if out is None:
        yield lambda text: click.echo(text, nl=False)
        return
    with _told(out):
        file = out.open("wb", buffering=0)
    with file:

        def write(text: str) -> None:
            rest = memoryview(text.encode())
            while rest:
                with _told(out):
                    rest = rest[file.write(rest) :]

        yield write


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say which file cannot be written.

    Raises:
        ConfigurationError.
    """
    try:
        yield
    except OSError as exc:
        raise ConfigurationError(f"cannot write {path}: {exc.strerror or exc}") from exc

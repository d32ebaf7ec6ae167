"""One run of a job at a terminal: progress, an orderly end on signals, the summary."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Any, Final, Self

import click
from tqdm import tqdm

from oss_faces.app import utc_now
from oss_faces.errors import ConfigurationError
from oss_faces.jobs import (
    Engine,
    JobRunner,
    LocalEngine,
    Parts,
    RayEngine,
    RaySettings,
    ResultsFolder,
    Tally,
    Watch,
    summarise,
)
from oss_faces.rendering.job_plot import plot_summary

_BYTES_OF_MB: Final = 1e6
_REFRESH_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """What the command line says about the engine.

    Attributes:
        workers: 0 means one for each processor.
        gpus: share of a GPU for each worker.
    """

    name: str
    address: str | None
    workers: int
    gpus: float

    def make(self) -> Engine:
        """Make the engine.

        Raises:
            ConfigurationError: options that do not fit together, or what it needs is not installed.
        """
        if self.name == "ray":
            return RayEngine(RaySettings(self.address, self.workers, self.gpus))
        if self.address or self.gpus:
            raise ConfigurationError("--address and --gpus are for --engine ray")
        return LocalEngine(self.workers)


def run_job(runner: JobRunner, folder: ResultsFolder, parts: Parts) -> bool:
    """Run a job to its end or until it is told to stop; write the summary; tell whether all is done."""
    with _stopping() as stop, _Bar() as bar:
        started_s = time.monotonic()
        tally = runner.run(Watch(bar.show, stop.is_set, time.monotonic, utc_now))
        seconds = time.monotonic() - started_s
    if not tally.listed_whole:
        click.echo("some of the source could not be read: what was not listed was not removed", err=True)
    earlier = folder.summary()
    # The run before may have been ended between its last part and its summary.
    has_changed = tally.done or tally.removed_rows or not folder.is_summary_current
    found = summarise(parts) if has_changed else {name: earlier[name] for name in earlier if name != "run"}
    summary = {"run": {**tally.to_json(), "seconds": round(seconds, 3)}, **found}
    folder.write_summary(summary)
    if has_changed:
        _plot(summary, folder)
    click.echo(json.dumps(summary, ensure_ascii=False))
    return tally.done >= tally.todo


class _Bar:
    """Rate, time left, faces and cost so far, on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, tally: Tally) -> None:
        """Bring the line up to date; it is drawn when it is due."""
        if self._bar is None:
            self._bar = tqdm(
                total=tally.pictures,
                initial=tally.known,
                unit="picture",
                file=sys.stderr,
                mininterval=_REFRESH_S,
                smoothing=0.05,
            )
        megabytes = tally.source_bytes / _BYTES_OF_MB
        self._bar.set_postfix_str(
            f"{tally.faces} faces, {tally.failed} failed, {tally.image_detect} ImageDetect, {megabytes:.0f} MB",
            refresh=False,
        )
        self._bar.update(tally.known + tally.done - self._bar.n)


@contextmanager
def _stopping() -> Iterator[Event]:
    """Give what is set by the first Ctrl-C or SIGTERM; a second one ends the program at once."""
    event = Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        click.echo("\nending: what is in work is finished and kept", err=True)
        event.set()
        signal.signal(number, signal.SIG_DFL)

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield event
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _plot(summary: dict[str, Any], folder: ResultsFolder) -> None:
    try:
        plot_summary(summary, folder.plot)
    except ConfigurationError:
        click.echo("no summary.png: that needs oss-faces[plot]", err=True)
    except OSError as exc:
        raise ConfigurationError(f"cannot write {folder.plot}: {exc.strerror or exc}") from exc

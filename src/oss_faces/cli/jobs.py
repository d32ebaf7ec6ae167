"""`oss-faces job`: every picture of a bucket or folder, as tables. Data to stdout, words and progress to stderr."""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from oss_faces.app import utc_now
from oss_faces.bulk import FaceStages, read_source, recipe_of
from oss_faces.cli.given import given_settings
from oss_faces.cli.job_running import EngineChoice, run_job
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.config import Settings
from oss_faces.errors import ConfigurationError
from oss_faces.jobs import (
    FORMS,
    OPERATIONS,
    Form,
    JobRunner,
    JobSpec,
    Operation,
    Parts,
    ResultsFolder,
    columns_of,
    export,
    status_of,
)

_RESULTS: Final = click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))


def _with_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for the engine, and what they say as its first argument."""

    @click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Processes of this machine, or a Ray cluster; ray needs oss-faces[batch].",
    )
    @click.option("--address", metavar="HOST:PORT", help="Of a running Ray cluster.  [default: one of this machine]")
    @click.option(
        "--workers", type=click.IntRange(0), default=0, metavar="N", help="At once.  [default: one for each processor]"
    )
    @click.option(
        "--gpus",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SHARE",
        help="GPUs of each worker of ray, 0.5 perhaps.",
    )
    @functools.wraps(command)
    def invoke(*, engine: str, address: str | None, workers: int, gpus: float, **options: object) -> None:
        command(EngineChoice(engine, address, workers, gpus), **options)

    return invoke


@click.group("job")
def jobs() -> None:
    """Whole buckets and folders: run, go on, look up, export."""


@jobs.command("run")
@click.argument("source", metavar="BUCKET[/PREFIX]|DIR")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="RESULTS")
@click.option(
    "--operation",
    type=click.Choice(OPERATIONS),
    default="faces",
    show_default=True,
    help="What is told of each face; index adds its vector.",
)
@_with_engine
@STATE
@CONFIG
def run(
    choice: EngineChoice, *, source: str, out: Path, operation: Operation, data: str | None, config: Path | None
) -> None:
    """Find the faces of every picture of a bucket or folder; write them as Parquet files into RESULTS.

    Run it again to do what is new or has changed since: what is done is not done again, and rows of pictures that are
    gone or have changed are removed. It may be interrupted anywhere. The last line on standard output is the summary as
    JSON. Exit status: 0 when all is done, pictures with errors included, 1 when the run was ended before, 2 for wrong
    usage.
    """
    settings = _settings(data, config)
    _run(settings, out, JobSpec(read_source(source).name, operation, utc_now().isoformat()), choice)


@jobs.command("resume")
@_RESULTS
@_with_engine
@STATE
@CONFIG
def resume(choice: EngineChoice, *, results: Path, data: str | None, config: Path | None) -> None:
    """Go on with a job, with the source and the operation that it was begun with."""
    _run(_settings(data, config), results, ResultsFolder(results).spec(), choice)


@jobs.command("list")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
def list_jobs(folder: Path) -> None:
    """List the jobs whose results lie in FOLDER: state, pictures done, source, place."""
    for path in sorted({folder, *(inner for inner in folder.iterdir() if inner.is_dir())}):
        if (path / "job.json").exists():
            found = ResultsFolder(path)
            spec, state = found.spec(), found.state()
            done = f"{state.get('known', 0) + state.get('done', 0)}/{state.get('pictures', 0)}"
            click.echo(f"{status_of(found):11} {done:>15} {spec.operation:11} {spec.source}  {path}")


@jobs.command("show")
@_RESULTS
def show(results: Path) -> None:
    """Show what a job is, where it stands and what it has found, as JSON."""
    folder = ResultsFolder(results)
    spec = folder.spec()
    state = {**folder.state(), "status": status_of(folder)}
    job = {"source": spec.source, "operation": spec.operation, "created": spec.created}
    click.echo(json.dumps({**job, "state": state, "summary": folder.summary()}, indent=1, ensure_ascii=False))


@jobs.command("cancel")
@_RESULTS
def cancel(results: Path) -> None:
    """End the run that is under way, in order: what is done is kept, and `resume` goes on."""
    folder = ResultsFolder(results)
    folder.spec()
    if not folder.is_held:
        raise ConfigurationError(f"no run of this job is under way: {results}")
    folder.cancel()


@jobs.command("export")
@_RESULTS
@click.option("--format", "form", type=click.Choice(FORMS), default="jsonl", show_default=True)
def export_results(results: Path, form: Form) -> None:
    """Write the results to standard output, as lines of JSON or as CSV."""
    operation = ResultsFolder(results).spec().operation
    parts = Parts(ResultsFolder(results).parts, columns_of(operation))
    for line in export(parts, operation, form):
        click.echo(line, nl=False)


def _settings(data: str | None, config: Path | None) -> Settings:
    return given_settings(config, {("storage", "data_dir"): data})


def _run(settings: Settings, out: Path, spec: JobSpec, choice: EngineChoice) -> None:
    source = read_source(spec.source)
    if source.folder is not None and out.resolve().is_relative_to(source.folder):
        raise ConfigurationError(f"the results would lie among the pictures: {out}")
    parts = Parts(ResultsFolder(out).parts, columns_of(spec.operation))
    engine = choice.make()
    folder = ResultsFolder(out)
    folder.create(spec)
    stages = FaceStages(settings, source, spec.operation)
    runner = JobRunner(folder, recipe_of(settings, spec.operation), stages.list_items, stages, engine)
    sys.exit(0 if run_job(runner, folder, parts) else 1)

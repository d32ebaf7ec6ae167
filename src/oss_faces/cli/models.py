"""The commands for networks: which are in use, and packs of one's own. Data to stdout, words to stderr."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from oss_faces.app import build_pipeline, open_packs
from oss_faces.cli.given import given_settings
from oss_faces.cli.options import CONFIG, STATE
from oss_faces.config import Settings
from oss_faces.inference import RECORD_FILE, Trial, list_models, read_trials, running_name
from oss_faces.operations import Measurement, measure, people_of
from oss_faces.pipeline import RecognitionPipeline
from oss_faces.recognition import SAME_SIMILARITY, PackSpec, RecognitionSettings, load_pack

_PACK = click.argument("name", metavar="NAME@VERSION")


@click.group(invoke_without_command=True)
@STATE
@CONFIG
@click.pass_context
def models(context: click.Context, data: str | None, config: Path | None) -> None:
    """List the networks: version, origin, sha256, licence; and add recognition networks of one's own."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings(data, config)
    trials = read_trials(settings.storage.data_dir / RECORD_FILE) if settings.inference.engine == "auto" else {}
    for spec in list_models(settings.models):
        click.echo(f"{spec.name_version}\n  origin   {spec.origin}\n  sha256   {spec.sha256}")
        click.echo(f"  licence  {spec.licence}\n  input    {spec.input}\n  output   {spec.output}")
        trial = trials.get(running_name(spec, settings.inference))
        click.echo(f"  engine   {_engine(settings.inference.engine, trial)}")
    library = open_packs(settings)
    for name in library.names():
        _, pack = library.open(name)
        is_used = " (in use)" if name == settings.recognition.pack else ""
        click.echo(f"{name}{is_used}\n  origin   {pack.url or pack.file}\n  sha256   {pack.sha256}")
        click.echo(f"  licence  {_first_line(pack.licence)}\n  space    {pack.space}")
        click.echo(f"  measured {'yes' if pack.calibration else 'not yet; see `oss-faces models measure`'}")


@models.command()
@click.argument("source", metavar="PACK.toml", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--accept-licence", "is_accepted", is_flag=True, help="Accept the licence that the file states.")
@STATE
@CONFIG
def add(source: Path, is_accepted: bool, data: str | None, config: Path | None) -> None:
    """Add a recognition network of the ArcFace family to the data folder.

    PACK.toml says what it is: name, version, licence, sha256, file or url, and how it wants to be fed. The licence is
    shown and has to be accepted, once. The network is fetched only now, if it has an address, and never again.
    """
    settings = _settings(data, config)
    library = open_packs(settings)
    spec = library.read(source)
    click.echo(f"The terms of {spec.name_version}:\n\n{spec.licence.strip()}\n", err=True)
    if not is_accepted and not click.confirm("Do you accept them?", err=True):
        click.echo("Nothing was added.", err=True)
        sys.exit(1)
    library.add(source, spec, _tried(settings))
    click.echo(spec.name_version)
    steps = [] if spec.calibration else [f"measure it with `oss-faces models measure {spec.name_version} FOLDER`"]
    steps.append(f'set `[recognition] pack = "{spec.name_version}"`')
    click.echo(f"Added. To use it, {', and '.join(steps)}.", err=True)


@models.command(name="measure")
@_PACK
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
@STATE
@CONFIG
def measure_pack(name: str, folder: Path, data: str | None, config: Path | None) -> None:
    """Measure how near strangers come to each other in the space of a pack, and keep it.

    FOLDER has a folder for each person, with pictures of that person alone: some 150 persons at least, better
    thousands, of the kind that will be compared. Nothing but the distances is kept.
    """
    settings = _settings(data, config)
    library = open_packs(settings)
    content, spec = library.open(name)
    people = people_of(folder)
    pipeline = RecognitionPipeline(build_pipeline(settings), load_pack(content, spec, settings.recognition))
    measured = measure(pipeline, people)
    library.keep_calibration(name, measured.calibration)
    _show(measured)


@models.command()
@_PACK
@STATE
@CONFIG
def remove(name: str, data: str | None, config: Path | None) -> None:
    """Delete a pack. Vectors that were made with it stay, and cannot be compared with others."""
    open_packs(_settings(data, config)).remove(name)


def _settings(data: str | None, config: Path | None) -> Settings:
    return given_settings(config, {("storage", "data_dir"): data})


def _tried(settings: Settings) -> Callable[[bytes, PackSpec], None]:
    def check(content: bytes, spec: PackSpec) -> None:
        load_pack(content, spec, RecognitionSettings(batch_max=settings.recognition.batch_max))

    return check


def _engine(setting: str, trial: Trial | None) -> str:
    if trial is None:
        return "auto: not tried yet" if setting == "auto" else setting
    ratios = ", ".join(f"{name} took {ratio:.2f}" for name, ratio in trial.ratios.items())
    differences = ", ".join(f"{name} off by {difference:.2g}" for name, difference in trial.differences.items())
    found = f"{ratios} of the time of ONNX Runtime; {f'bfloat16: {differences}; ' if differences else ''}"
    return f"{trial.engine} {trial.precision} ({found}{trial.conditions})"


def _show(measured: Measurement) -> None:
    click.echo(f"{'STRANGERS TAKEN FOR ONE PERSON':<32}DISTANCE")
    for rate, distance in measured.calibration.strangers:
        click.echo(f"{f'1 in {1 / rate:,.0f}':<32}{distance:.4f}")
    click.echo(
        f"{measured.persons} persons, {measured.faces} faces, {measured.without_face} pictures without a face; "
        f"{measured.strangers:,} pairs of strangers.",
        err=True,
    )
    if measured.genuine:
        click.echo(
            f"Of {measured.genuine:,} pairs of one person {100 * measured.found:.1f} % reach a similarity of "
            f"{SAME_SIMILARITY}.",
            err=True,
        )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]

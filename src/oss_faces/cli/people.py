"""The commands for people. Data to stdout, words to stderr; status 0 for a match, 1 for none, 2 for an error."""

import json
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import click

from oss_faces.audit import Act, AuditPage, AuditQuery
from oss_faces.cli import people_records as records
from oss_faces.cli import people_shown as shown
from oss_faces.cli.people_place import Place, placed
from oss_faces.cli.receipts import reserved
from oss_faces.datasets import FigureCluster
from oss_faces.desk import Desk
from oss_faces.errors import ImageError, InvalidArgument
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations.people import Enrolled, Enrolment, Forgotten, Keeper, Refusal, SeenPicture

_NO_MATCH: Final = 1
_ERROR: Final = 2
_WHO: Final = click.argument("who", metavar="NAME")
_PICTURE: Final = click.Path(exists=True, dir_okay=False, allow_dash=True)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def people() -> None:
    """Enrol people, say who is on a picture, and erase people again.

    A NAME is the name of a person, or the id that `list` shows. The commands work on the data folder of a server, which
    may be running. Every one of them is recorded in the audit log. Exit status: 0 for a match or a thing done, 1 for no
    match or a picture refused, 2 for an error.
    """


@people.command()
@click.argument("name")
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True, type=_PICTURE)
@click.option(
    "--force", is_flag=True, help="Take faces also that seem to belong to somebody else, but not anybody's last one."
)
@_JSON
@placed
def enrol(place: Place, name: str, pictures: tuple[str, ...], *, force: bool, as_json: bool) -> None:
    """Keep the face on each PICTURE as that of NAME.

    A picture shows one face, or one whose box has four times the area of any other. Faces that are too small, blurred,
    turned, hidden or of low quality are refused with the reason; so are faces that belong to somebody else already. Of
    a picture nothing is kept but the vector and the attributes of the one face.
    """
    with place.open() as desk:
        seen = {source: _try_to_see(place, desk, source) for source in dict.fromkeys(pictures)}
        fit = [picture for picture in seen.values() if isinstance(picture, SeenPicture)]
        done = anyio.run(partial(desk.enroller.enrol, name, fit, is_forced=force)) if fit else Enrolment(None, ())
    left = iter(done.outcomes)
    outcomes = {source: next(left) if isinstance(picture, SeenPicture) else picture for source, picture in seen.items()}
    _write(records.enrolment(done.person, outcomes) if as_json else shown.enrolment(done.person, outcomes), as_json)
    sys.exit(0 if all(isinstance(outcome, Enrolled) for outcome in outcomes.values()) else _NO_MATCH)


@people.command()
@click.argument("source", metavar="PICTURE", type=_PICTURE)
@_JSON
@placed
def identify(place: Place, source: str, *, as_json: bool) -> None:
    """Say who is on a picture; - is standard input.

    Of every face: who comes near, how similar, and how many of the faces that are kept would come as near to a
    stranger. A face below the line is unknown. A face that is not fit is not compared, and the reason is told.
    """
    with place.open() as desk:
        picture = place.see(desk, source)
        done = anyio.run(desk.identifier.identify, picture)
    _write(records.identification(done) if as_json else shown.identification(done), as_json)
    sys.exit(0 if any(face.match for face in done.faces) else _NO_MATCH)


@people.command()
@click.argument("first", metavar="A", type=_PICTURE)
@click.argument("second", metavar="B", type=_PICTURE)
@_JSON
@placed
def verify(place: Place, first: str, second: str, *, as_json: bool) -> None:
    """Say whether the pictures A and B show one person. Nothing of them is kept.

    On each the largest face counts, as for `enrol`. Exit status 2 when one of them cannot be compared.
    """
    with place.open() as desk:
        one, other = place.see(desk, first), place.see(desk, second)
        done = anyio.run(desk.verifier.verify, one, other)
    _write(records.verification(done) if as_json else shown.verification(done, (first, second)), as_json)
    if done.verdict is None:
        sys.exit(_ERROR)
    sys.exit(0 if done.verdict.is_match else _NO_MATCH)


@people.command(name="list")
@click.argument("who", metavar="[NAME]", required=False)
@_JSON
@placed
def list_people(place: Place, who: str | None, *, as_json: bool) -> None:
    """List all people, or the faces of one. Before the first enrolment nobody is here."""
    with place.open() as desk:
        if who is None:
            everybody = anyio.run(_everybody, desk.keeper)
            _write(records.everybody(everybody) if as_json else shown.everybody(everybody), as_json)
            return
        person, figures = anyio.run(desk.keeper.show, who)
    _write(records.person_with_faces(person, figures) if as_json else shown.faces_of(person, figures), as_json)


@people.command()
@_WHO
@click.argument("new")
@placed
def rename(place: Place, who: str, new: str) -> None:
    """Call a person NEW."""
    with place.open() as desk:
        anyio.run(desk.keeper.rename, who, new)


@people.command()
@click.argument("into", metavar="NAME")
@click.argument("froms", metavar="OTHER...", nargs=-1, required=True)
@_JSON
@placed
def merge(place: Place, into: str, froms: tuple[str, ...], *, as_json: bool) -> None:
    """Make one person of NAME and OTHERs, who are the same; NAME stays."""
    with place.open() as desk:
        merged = anyio.run(desk.keeper.merge, into, froms)
    _write(records.merge(merged) if as_json else shown.merge(merged), as_json)


@people.command(name="undo-merge")
@click.argument("merge_id", metavar="[MERGE]", default="")
@_JSON
@placed
def undo_merge(place: Place, merge_id: str, *, as_json: bool) -> None:
    """Take a merge back: the last one, or the one with the id MERGE."""
    with place.open() as desk:
        undone = anyio.run(desk.keeper.undo_merge, merge_id)
    _write(records.merge(undone) if as_json else shown.merge(undone), as_json)


@people.command()
@_WHO
@click.argument("figures", metavar="FIGURE...", nargs=-1, required=True)
@click.option("--as", "name", required=True, metavar="NEW", help="Whose faces these are.")
@_JSON
@placed
def split(place: Place, who: str, figures: tuple[str, ...], name: str, *, as_json: bool) -> None:
    """Make a person of their own of some faces of NAME; `list NAME` shows the ids of faces."""
    with place.open() as desk:
        made = anyio.run(desk.keeper.split, who, figures, name)
    _write(records.everybody([made])[0] if as_json else shown.everybody([made]), as_json)


@people.command()
@_WHO
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--receipt", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write the receipt to a file.")
@click.option("--no-search", is_flag=True, help="Do not look afterwards whether any file still holds a vector.")
@_JSON
@placed
def forget(place: Place, who: str, file: Path | None, *, yes: bool, no_search: bool, as_json: bool) -> None:
    """Erase a person: vectors, attributes, name, and the files on which nobody else is.

    The receipt says how much was erased, with a digest of each vector, and that no file of the data folder holds a
    piece of one any more. Pictures that are stored in buckets stay there; they are listed on stderr.
    """
    with place.open() as desk, reserved(file) as write:
        person = anyio.run(desk.people.find, who)
        if not yes and not click.confirm(f"Erase {who} for good?", err=True):
            sys.exit(_NO_MATCH)
        done = anyio.run(desk.eraser.forget, person.cluster_id, None if no_search else desk.find_traces)
        text = _json(records.receipt(done.receipt))
        failure = write(text + "\n")
    click.echo(text if as_json or failure else shown.receipt(done.receipt))
    _report_erasure(done, failure)


def _report_erasure(done: Forgotten, failure: str) -> None:
    """Say on stderr what is left to do; status 2 when the proof is not whole."""
    for uri in done.stored:
        click.echo(f"The picture is still stored: {shown.harmless(uri)}", err=True)
    if done.receipt.traces is not None and done.receipt.traces.found_in:
        click.echo("A piece of a vector is still in a file of the data folder.", err=True)
    if done.not_searched:
        click.echo(f"The person is erased, but the data folder could not be searched: {done.not_searched}", err=True)
    if failure:
        click.echo(
            f"The person is erased, but the receipt could not be written: {failure}. Keep it from above.", err=True
        )
    if failure or done.not_searched or (done.receipt.traces is not None and done.receipt.traces.found_in):
        sys.exit(_ERROR)


@people.command()
@_WHO
@placed
def export(place: Place, who: str) -> None:
    """Write everything that is kept about a person, as JSON, to stdout."""
    with place.open() as desk:
        click.echo(_json(records.exported(anyio.run(desk.eraser.export, who))))


@people.command()
@click.option("--days", type=click.IntRange(0), help="Erase faces so many days after they came; 0: keep them.")
@click.option("--sweep", is_flag=True, help="Erase at once what has outlived its time, in all datasets.")
@_JSON
@placed
def retain(place: Place, days: int | None, *, sweep: bool, as_json: bool) -> None:
    """Show or set how long faces are kept. A running server erases every hour what has outlived its time."""
    with place.open() as desk:
        if days is not None:
            anyio.run(desk.keeper.retain, days)
        kept = anyio.run(desk.keeper.retention_days)
        erased = anyio.run(desk.sweeper.sweep) if sweep else 0
    _write({"retention_days": kept, "erased_files": erased} if as_json else shown.retention(kept, erased), as_json)


@people.command()
@click.option("--about", metavar="NAME", help="Only entries about a person, by name or id; also of one erased, by id.")
@click.option("--act", "acts", multiple=True, type=click.Choice([act.value for act in Act]), help="Only these.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="From this day on, in UTC.")
@click.option("--after", type=click.IntRange(0), default=0, metavar="NUMBER", help="Only entries behind this one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Most entries.")
@click.option("--check", is_flag=True, help="Only check that no entry was changed, taken out or put in.")
@_JSON
@placed
def audit(  # noqa: PLR0913  one for each option
    place: Place,
    about: str | None,
    acts: tuple[str, ...],
    since: datetime | None,
    after: int,
    limit: int,
    *,
    check: bool,
    as_json: bool,
) -> None:
    """Read the log of what was done with faces: by whom, when, what and to whom, by ids.

    --check follows the digests from the first entry to the last and shows the last one. Note it somewhere else: entries
    that were cut off at the end can only be told by it. Exit status 1 when the log is not whole.
    """
    with place.open() as desk:
        if check:
            finding = anyio.run(desk.audit.check)
            _write(records.finding(finding) if as_json else shown.finding(finding), as_json)
            sys.exit(0 if finding.broken_at is None else _NO_MATCH)
        moment = since.replace(tzinfo=UTC) if since else None
        page = anyio.run(_entries, desk, about, AuditQuery(after, "", tuple(map(Act, acts)), moment, limit))
    for entry in page.entries:
        click.echo(json.dumps(records.entry(entry)) if as_json else shown.entry(entry))
    if page.next_after:
        click.echo(f"There are more: --after {page.next_after}", err=True)


def _try_to_see(place: Place, desk: Desk, source: str) -> SeenPicture | Refusal:
    """Find the faces of a picture; one that cannot be read keeps no other from being enrolled."""
    try:
        return place.see(desk, source)
    except (ImageError, InvalidArgument) as exc:
        return Refusal((exc.message,))


async def _everybody(keeper: Keeper) -> list[FigureCluster]:
    return [person async for person in keeper.list()]


async def _entries(desk: Desk, about: str | None, query: AuditQuery) -> AuditPage:
    """Read the log; who is erased is only known by id."""
    if about is not None:
        with suppress(ResourceNotFound):
            about = (await desk.people.find(about)).cluster_id
        query = replace(query, subject=about)
    return await desk.audit.entries(query)


def _write(told: object, as_json: bool) -> None:
    click.echo(_json(told) if as_json else shown.harmless(str(told)))


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)

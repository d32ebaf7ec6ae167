"""The commands for people: what they write for people and for programs, and their exit status."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from PIL import Image as Pillow

from oss_faces.audit import Act, Event
from oss_faces.datasets import ClusterSpec, DatasetRef
from oss_faces.errors import InvalidArgument, OssFacesError
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations.people import People
from tests.unit.cli.conftest import BLURRED, NOBODY, TWO, Memory, told


def test_enrol_tells_what_became_of_each_picture(run, photo, tmp_path: Path) -> None:
    """Taken or refused with the reason; status 1 when one was refused, and the others are taken all the same."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    good, far = photo(1), photo(1, 200)
    result = run("enrol", "Ada", good, far, photo(2, 0, BLURRED), photo(2, 0, TWO), photo(2, 0, NOBODY), str(broken))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"enrolled  {good}"
    assert lines[1].startswith(f"enrolled  {far}  unlike the person's other pictures: similarity 0.")
    assert [line.split()[0] for line in lines[2:6]] == ["refused"] * 4
    for line, word in zip(lines[2:6], ("blurred", "several faces", "no face", "broken.jpg"), strict=True):
        assert word in line
    assert lines[6].startswith("Ada has 2 faces now")


def test_enrol_for_programs(run, photo) -> None:
    """The same as JSON; status 0 when every picture was taken; naming a picture twice is naming it once."""
    result = run("enrol", "Ada", photo(1), photo(1), "--json")
    assert result.exit_code == 0
    document = told(result)
    assert (document["person"]["name"], document["person"]["faces"]) == ("Ada", 1)
    assert [(one["is_enrolled"], one["resembles"]) for one in document["pictures"]] == [(True, None)]
    again = told(run("enrol", "Ada", photo(1, 40), "--json"))
    assert again["pictures"][0]["resembles"]["is_match"] is True


def test_a_face_of_somebody_else_needs_force(run, photo) -> None:
    """The refusal says whose it is and how often that is wrong."""
    run("enrol", "Ada", photo(1))
    refused = run("enrol", "Grace", photo(1, 20))
    assert refused.exit_code == 1
    assert (
        "belongs to somebody else already: Ada, similarity 1.000; fewer than 0.000001 false positives expected"
        in refused.stdout
    )
    belongs = told(run("enrol", "Grace", photo(1, 20), "--json"))["pictures"][0]["belongs_to"]
    assert belongs["name"] == "Ada"
    assert 0 < belongs["expected_false_positives"] < 0.01
    assert run("enrol", "Grace", photo(1, 20), "--force").exit_code == 0


def test_force_takes_no_last_face(run, photo) -> None:
    """Status 1 and the reason; what is taken from somebody who has more is told, with the name."""
    run("enrol", "Ada", photo(1))
    refused = run("enrol", "Grace", photo(1), "--force")
    assert (refused.exit_code, "the last face of Ada" in refused.stdout) == (1, True)
    run("enrol", "Ada", photo(1, 20))
    assert "taken from Ada" in run("enrol", "Grace", photo(1), "--force").stdout
    again = told(run("enrol", "Ada", photo(1, 20), "--json"))
    assert again["pictures"][0]["taken_from"] is None


def test_identify(run, photo) -> None:
    """Status 0 for somebody known, 1 for unknown, unfit and nobody; every face is a line."""
    run("enrol", "Ada", photo(1))
    known = run("identify", photo(1, 50, TWO))
    assert known.exit_code == 0
    first, second = known.stdout.splitlines()
    assert first.startswith("face 1 at 4,4 40x40: Ada  similarity 0.99")
    assert re.search(r"; 0\.0000\d+ false positives expected among 1 face$", first)
    assert second.startswith("face 2 at 50,4 36x36: unknown; nearest: Ada  similarity 0.000")
    for picture, said in ((photo(7), "unknown"), (photo(1, 0, BLURRED), "not compared: blurred")):
        result = run("identify", picture)
        assert (result.exit_code, said in result.stdout) == (1, True)
    nobody = run("identify", photo(1, 0, NOBODY))
    assert (nobody.exit_code, nobody.stdout) == (1, "No face was found.\n")


def test_identify_for_programs(run, photo) -> None:
    """Candidates with similarity and the error to expect; a picture may come by standard input."""
    run("enrol", "Ada", photo(1))
    run("enrol", "Grace", photo(2))
    buffer = io.BytesIO()
    Pillow.open(photo(1, 60)).save(buffer, "PNG")
    result = run("identify", "-", "--json", said=buffer.getvalue())
    assert result.exit_code == 0
    (face,) = told(result)["faces"]
    assert told(result)["compared_with"] == 2
    assert face["match"]["name"] == "Ada"
    assert [near["name"] for near in face["candidates"]] == ["Ada", "Grace"]
    assert face["match"]["expected_false_positives"] == 2 * face["match"]["false_match_rate"]
    assert face["flaws"] == []


def test_verify(run, photo) -> None:
    """0 for one person, 1 for not known to be, 2 when there is no answer."""
    same, other, none = (run("verify", photo(1), photo(red, 0, blue)) for red, blue in ((1, 0), (2, 0), (1, NOBODY)))
    assert [result.exit_code for result in (same, other, none)] == [0, 1, 2]
    assert same.stdout.startswith("one person  similarity 1.000, as fewer than one pair of strangers in 1,000,000 are")
    assert other.stdout.startswith("not known to be one person  similarity 0.000, as any two strangers may be")
    assert none.stdout == f"not compared: {photo(1, 0, NOBODY)}: no face was found\n"
    assert told(run("verify", photo(1), photo(1), "--json"))["verdict"]["is_match"] is True


def test_list(run, photo) -> None:
    """All people by name, or one with the faces."""
    run("enrol", "Grace", photo(2))
    run("enrol", "Ada", photo(1), photo(1, 30))
    head, ada, grace = run("list").stdout.splitlines()
    assert head.split() == ["NAME", "FACES", "PICTURES", "SINCE", "ID"]
    assert (ada.split()[:3], grace.split()[:3]) == (["Ada", "2", "2"], ["Grace", "1", "1"])
    person = told(run("list", "Ada", "--json"))
    assert [figure["is_pinned"] for figure in person["figures"]] == [True, True]
    shown = run("list", person["cluster_id"]).stdout
    assert all(figure["figure_id"] in shown for figure in person["figures"])
    assert [one["name"] for one in told(run("list", "--json"))] == ["Ada", "Grace"]


def test_changes(run, photo) -> None:
    """Rename, merge, take back, split."""
    run("enrol", "Ada", photo(1))
    run("enrol", "Lovelace", photo(2), photo(3))
    run("rename", "Ada", "Ada L.")
    merge = told(run("merge", "Ada L.", "Lovelace", "--json"))
    assert [one["faces"] for one in told(run("list", "--json"))] == [3]
    assert merge["merge_id"] in run("undo-merge").stdout
    figures = told(run("list", "Lovelace", "--json"))["figures"]
    made = told(run("split", "Lovelace", figures[0]["figure_id"], "--as", "Grace", "--json"))
    assert (made["name"], made["faces"]) == ("Grace", 1)
    assert [one["name"] for one in told(run("list", "--json"))] == ["Ada L.", "Grace", "Lovelace"]


def test_nobody_is_here_before_the_first_enrolment(run, photo) -> None:
    """Listing, identifying and verifying need no dataset."""
    assert run("list").stdout == "Nobody is here.\n"
    assert told(run("list", "--json")) == []
    unknown = run("identify", photo(1))
    assert (unknown.exit_code, "unknown; nobody comes near among 0 faces" in unknown.stdout) == (1, True)
    assert run("verify", photo(1), photo(1)).exit_code == 0


def test_export_is_everything(run, photo) -> None:
    """Name, faces with attributes and vectors, files, and the log."""
    run("enrol", "Ada", photo(1))
    document = told(run("export", "Ada"))
    assert document["person"]["spec"]["name"] == "Ada"
    (figure,), (file,) = document["figures"], document["files"]
    assert figure["vector"] == [0, 1, *[0] * 126]
    assert figure["face"]["sharpness"] == 0.9
    assert file["uri"].startswith("file:")
    assert "photo-" not in json.dumps(file)
    assert (file["faces"], "figures" in file) == (1, False)
    assert [entry["act"] for entry in document["audit"]] == ["enrol", "export"]


def test_retain(run, photo, memory: Memory) -> None:
    """Shown, set, and carried out at once when asked for."""
    run("enrol", "Ada", photo(1))
    assert run("retain").stdout == "Faces are kept until somebody erases them.\n"
    assert run("retain", "--days", "1").stdout == "Faces are kept for 1 day.\n"
    later = memory.now
    memory.now = lambda: later() + timedelta(days=2)
    assert told(run("retain", "--sweep", "--json")) == {"retention_days": 1, "erased_files": 1}
    assert run("list").stdout == "Nobody is here.\n"


def test_audit(run, photo) -> None:
    """Who did what when, oldest first; by name while there is one; the check shows the last digest."""
    run("enrol", "Ada", photo(1))
    run("identify", photo(1))
    run("verify", photo(1), photo(2))
    lines = run("audit").stdout.splitlines()
    assert [line.split()[3] for line in lines] == ["enrol", "search", "compare"]
    assert all("cli:tester" in line and "Ada" not in line for line in lines)
    assert len(run("audit", "--about", "Ada").stdout.splitlines()) == 2
    limited = run("audit", "--limit", "2")
    assert (len(limited.stdout.splitlines()), "--after 2" in limited.stderr) == (2, True)
    assert len(run("audit", "--after", "2", "--since", "2026-11-22").stdout.splitlines()) == 1
    last = told(run("audit", "--after", "2", "--json"))["digest"]
    assert run("audit", "--check").stdout == f"3 entries whole, the last digest is {last}\n"


def test_a_log_that_is_not_whole_is_status_1(run, memory: Memory) -> None:
    """Somebody has changed an entry."""
    entry = anyio.run(memory.audit.record, Event(Act.READ, "cli:ada"))
    memory.audit._entries[0] = type(entry)(1, entry.recorded, Event(Act.READ, "cli:bob"), entry.digest)
    result = run("audit", "--check")
    assert (result.exit_code, "entry 1 is not as it was recorded" in result.stdout) == (1, True)
    assert told(run("audit", "--check", "--json"))["is_whole"] is False


def test_models_are_loaded_for_pictures_only(run, photo, memory: Memory) -> None:
    """What needs no picture does not wait for the networks."""
    run("enrol", "Ada", photo(1))
    loaded = memory.looks
    for arguments in (["list"], ["rename", "Ada", "A"], ["audit"], ["export", "A"], ["forget", "A", "--yes"]):
        run(*arguments)
    assert memory.looks == loaded


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["list", "Grace"], ResourceNotFound),
        (["rename", "Ada", ""], InvalidArgument),
        (["merge", "Ada", "Ada"], InvalidArgument),
        (["undo-merge"], ResourceNotFound),
        (["split", "Ada", "none", "--as", "Grace"], ResourceNotFound),
        (["forget", "Grace", "--yes"], ResourceNotFound),
        (["export", "Grace"], ResourceNotFound),
        (["list", "Ada", "--dataset", "people/other"], ResourceNotFound),
        (["retain", "--dataset", "people/other"], ResourceNotFound),
    ],
)
def test_what_cannot_be_done(arguments: list[str], error: type[OssFacesError], run, photo) -> None:
    """An error of ours, which ends the program with one line and status 2."""
    run("enrol", "Ada", photo(1))
    with pytest.raises(error):
        run(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["enrol", "Ada"],
        ["enrol", "Ada", "absent.jpg"],
        ["identify", "absent.jpg"],
        ["list", "--dataset", "people"],
        ["list", "--dataset", "a/b/c"],
        ["list", "--dataset", "/b"],
        ["retain", "--days", "-1"],
        ["audit", "--limit", "0"],
        ["audit", "--act", "nothing"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str], run) -> None:
    """What cannot be meant is refused before anything is opened."""
    assert run(*arguments).exit_code == 2


def test_datasets_do_not_know_each_other(run, photo) -> None:
    """Nobody is looked for in another dataset."""
    run("enrol", "Ada", photo(1), "--dataset", "shop/customers")
    run("enrol", "Grace", photo(2))
    assert run("identify", photo(1)).exit_code == 1
    assert run("identify", photo(1), "--dataset", "shop/customers").exit_code == 0


def test_names_cannot_command_a_terminal(run, photo, memory: Memory) -> None:
    """A name that came over the wire may hold anything; it is written out, other letters stay as they are."""
    run("enrol", "Zo\u00eb", photo(1))

    async def call() -> None:
        ref = DatasetRef("people", "people")
        person = await People(memory.faces, ref).find("Zo\u00eb")
        await memory.faces.update_cluster(ref, person.cluster_id, lambda _: ClusterSpec("Zo\u00eb \x1b[2J"), None)

    anyio.run(call)
    assert "Zo\u00eb \\x1b[2J" in run("list").stdout

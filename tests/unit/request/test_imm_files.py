"""Files of a dataset over IMM: what a request says becomes a value, and a task that can be written down."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oss_faces.datasets import CLUSTER_INDEPENDENT, CLUSTER_UNAVAILABLE, DatasetRef, FileSpec
from oss_faces.errors import InvalidArgument, NotImplementedOnServer
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request import imm_files
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_files import FigureMove, FileChange, NamedFiles, WantedFile
from oss_faces.values import Address

REF = DatasetRef("project", "dataset")
PRODUCED = datetime(2021, 6, 29, 6, 50, 13, 11643, UTC)
SPEC = FileSpec("7", {"trip": "sea", "stars": "5"}, PRODUCED, {"Title": "At the sea"})
FULL = WantedFile(Address("photos", "Jürgen & Söhne/100%.jpg"), SPEC)
PLAIN = WantedFile(Address("photos", "a.jpg"), FileSpec())
SENT = {
    "URI": "oss://photos/Jürgen & Söhne/100%.jpg",
    "CustomId": "7",
    "CustomLabels": {"trip": "sea", "stars": 5},
    "ProduceTime": "2021-06-29T14:50:13.011643661+08:00",
    "Title": "At the sea",
    # What the clients send although nobody set it, and what the object itself tells.
    "Figures": [],
    "Addresses": [],
    "Labels": [],
    "ContentType": "image/png",
    "MediaType": "image",
}


def fields(**values: Any) -> Fields:
    sent = {"ProjectName": "project", "DatasetName": "dataset", **values}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
    return Fields.of(Query(tuple(texts.items())))


def change(**said: Any) -> FileChange:
    [found] = imm_files.parse_update_file(fields(File={"URI": "oss://photos/a.jpg", **said})).files
    return found


def test_task_survives_json() -> None:
    """What a task is to do is the same after it was written as JSON and read again."""
    for file in (FULL, PLAIN):
        written = json.loads(json.dumps(imm_files.index_task("dataset", file)))
        assert imm_files.read_index_task("project", written) == (REF, file)


def test_uri_has_the_key_as_it_is() -> None:
    """IMM's URIs are not percent-encoded."""
    assert FULL.uri == SENT["URI"]


def test_everything_that_can_be_said_about_a_file() -> None:
    """Each field finds its place, and what is empty counts as absent."""
    want = imm_files.parse_index_file(fields(File=SENT, UserData="u", Notification={"MNS": {"TopicName": "t"}}))
    assert want == imm_files.IndexFiles(REF, (FULL,), "u")


def test_file_that_is_there_twice() -> None:
    """Of two entries for one file the last one counts, and it is indexed once."""
    first, second = {"URI": "oss://photos/a.jpg", "CustomId": "1"}, {"URI": "oss://photos/a.jpg", "CustomId": "2"}
    want = imm_files.parse_index_files(fields(Files=[first, SENT, second]))
    assert want.files == (WantedFile(PLAIN.source, FileSpec("2")), FULL)


def test_change_keeps_what_it_does_not_name() -> None:
    """Only what is sent, and is not empty, is replaced; of texts each one by itself."""
    assert change(CustomId="", CustomLabels={}).applied(SPEC) == SPEC
    changed = change(CustomId="8", CustomLabels={"trip": "hill"}, Artist="Ann").applied(SPEC)
    assert changed == FileSpec("8", {"trip": "hill"}, PRODUCED, {"Title": "At the sea", "Artist": "Ann"})


def test_figures_that_move() -> None:
    """A figure can be put into a cluster, and taken out of every one."""
    moves = [
        {"FigureId": "f", "FigureClusterId": "Cluster-1", "FigureType": "face"},
        {"FigureId": "g", "FigureClusterId": CLUSTER_INDEPENDENT},
    ]
    assert change(Figures=moves).moves == (FigureMove("f", "Cluster-1"), FigureMove("g", CLUSTER_INDEPENDENT))


@pytest.mark.parametrize(
    "said",
    [
        {"URI": "http://photos/a.jpg"},
        {"URI": "oss://Photos/a.jpg"},
        {"URI": "oss://photos/"},
        {"CustomId": "i" * 1025},
        {"CustomId": "\ud800"},
        {"CustomId": "a\0b"},
        {"CustomId": ["a"]},
        {"CustomLabels": ["a"]},
        {"CustomLabels": {"": "a"}},
        {"CustomLabels": {"\ud800": "a"}},
        {"CustomLabels": {"k" * 129: "a"}},
        {"CustomLabels": {"k": "v" * 1025}},
        {"CustomLabels": {"k": {"l": "m"}}},
        {"CustomLabels": {str(number): "v" for number in range(101)}},
        {"ProduceTime": "yesterday"},
        {"ProduceTime": "2021-06-29"},
        {"Title": "t" * 1025},
        {"Figures": [{"FigureClusterId": "Cluster-1"}]},
        {"Figures": [{"FigureId": "f"}]},
        {"Figures": [{"FigureId": "f", "FigureClusterId": CLUSTER_UNAVAILABLE}]},
    ],
)
def test_what_cannot_be_kept_is_refused(said: dict[str, Any]) -> None:
    """Every field has its form and its limit, and nothing that breaks them comes further than this."""
    with pytest.raises((InvalidArgument, MissingParameter)):
        change(**said)


@pytest.mark.parametrize("name", ["Labels", "Addresses"])
def test_what_would_be_lost_is_refused(name: str) -> None:
    """A field that this server does not keep is not swallowed."""
    with pytest.raises(NotImplementedOnServer, match=name):
        change(**{name: [{"LabelName": "sea"}]})


def test_named_files() -> None:
    """One file by URI, many by URIs, each once; WithFields goes with both."""
    one = imm_files.parse_named_file(fields(URI="oss://photos/a.jpg", WithFields=["URI", "Size"]))
    assert one == NamedFiles(REF, (PLAIN.source,), ("URI", "Size"))
    many = imm_files.parse_named_files(fields(URIs=["oss://photos/a.jpg", FULL.uri, "oss://photos/a.jpg"]))
    assert many.uris == ("oss://photos/a.jpg", FULL.uri)
    assert many.fields == ()


@pytest.mark.parametrize(
    ("parse", "sent", "code"),
    [
        (imm_files.parse_index_file, {}, "File"),
        (imm_files.parse_index_file, {"File": {}}, "File"),
        (imm_files.parse_index_file, {"File": {"CustomId": "1"}}, "File.URI"),
        (imm_files.parse_index_files, {"Files": []}, "Files"),
        (imm_files.parse_update_file, {}, "File"),
        (imm_files.parse_update_files, {}, "Files"),
        (imm_files.parse_named_file, {}, "URI"),
        (imm_files.parse_index_files, {"Files": "[ ]"}, "Files"),
        (imm_files.parse_named_files, {"URIs": []}, "URIs"),
        (imm_files.parse_named_files, {"URIs": "[ ]"}, "URIs"),
    ],
)
def test_what_is_missing_is_named(parse: Any, sent: dict[str, Any], code: str) -> None:
    """The error says which parameter there has to be."""
    with pytest.raises(MissingParameter) as caught:
        parse(fields(**sent))
    assert caught.value.parameter == code


def test_a_batch_has_a_limit() -> None:
    """A hundred files are a batch, one more is refused."""
    for parse, name in ((imm_files.parse_index_files, "Files"), (imm_files.parse_update_files, "Files")):
        files = [{"URI": f"oss://photos/{number}"} for number in range(101)]
        assert len(parse(fields(**{name: files[:100]})).files) == 100
        with pytest.raises(InvalidArgument, match=name):
            parse(fields(**{name: files}))
    with pytest.raises(InvalidArgument, match="URIs"):
        imm_files.parse_named_files(fields(URIs=[file["URI"] for file in files]))

"""Parameters of IMM, however a client writes them."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument, RequestError
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import Query
from oss_faces.request.imm_fields import DEPTH_MAX, Fields


def fields(**values: str) -> Fields:
    return Fields.of(Query(tuple((name.replace("__", "."), value) for name, value in values.items())))


# --- single values ------------------------------------------------------------------------------------------------


def test_nothing_is_there() -> None:
    """Without parameters everything is its default, and what is required is missing."""
    empty = fields()
    assert (empty.text("A", 5, "d"), empty.whole("A", 1, 9, 7), empty.flag("A"), empty.has("A")) == (
        "d",
        7,
        False,
        False,
    )
    assert (empty.records("A", 5), empty.texts("A", 5, 5), empty.record("A").text("B", 5)) == ((), (), "")
    with pytest.raises(MissingParameter, match=r"^A is mandatory for this action\.$"):
        empty.required("A", 5)


def test_an_empty_text_is_an_absent_one() -> None:
    """Clients send parameters that their user never set."""
    sent = fields(A="", B="[]", C="{}")
    assert (sent.text("A", 5, "d"), sent.whole("A", 1, 9, 7), sent.flag("A")) == ("d", 7, False)
    assert not any(sent.has(name) for name in "ABC")
    assert (sent.records("B", 5), sent.texts("A", 5, 5), sent.record("C").text("D", 5)) == ((), (), "")
    with pytest.raises(MissingParameter):
        sent.required("A", 5)


@pytest.mark.parametrize(("text", "value"), [("True", True), ("true", True), ("False", False), ("FALSE", False)])
def test_flags(text: str, value: bool) -> None:
    """Python writes `True`, other languages `true`."""
    assert fields(A=text).flag("A") is value


@pytest.mark.parametrize("text", ["1", "yes", "truee", "None"])
def test_no_flags(text: str) -> None:
    """Anything else is neither true nor false."""
    with pytest.raises(InvalidArgument, match="A"):
        fields(A=text).flag("A")


@pytest.mark.parametrize("text", ["0", "10", "-1", "5.0", "five", "\u0661", "1" * 19, " 5"])
def test_numbers_have_limits(text: str) -> None:
    """A number is whole, in ASCII digits, and within its limits."""
    with pytest.raises(InvalidArgument, match="from 1 to 9"):
        fields(A=text).whole("A", 1, 9, 5)
    assert fields(A="9").whole("A", 1, 9, 5) == 9


def test_texts_have_limits() -> None:
    """A text is as long as it may be, and not longer."""
    assert fields(A="12345").text("A", 5) == "12345"
    with pytest.raises(InvalidArgument, match="longer than 5"):
        fields(A="123456").text("A", 5)


# --- records and lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        fields(Source='{"URI1": "a", "URI2": "b"}'),
        fields(Source__URI1="a", Source__URI2="b"),
    ],
    ids=["JSON", "flattened"],
)
def test_records(sent: Fields) -> None:
    """A record is the same in both spellings, and names its fields in errors."""
    source = sent.record("Source")
    assert (source.required("URI1", 5), source.required("URI2", 5)) == ("a", "b")
    with pytest.raises(MissingParameter, match=r"Source\.URI3"):
        source.required("URI3", 5)


@pytest.mark.parametrize(
    "sent",
    [
        fields(Tag='[{"Key": "k", "Value": "v"}, {"Key": "l", "Empty": []}]'),
        fields(Tag__1__Key="k", Tag__1__Value="v", Tag__2__Key="l"),
        fields(Tag__2__Key="l", Tag__1__Value="v", Tag__1__Key="k"),
    ],
    ids=["JSON", "flattened", "in any order"],
)
def test_lists_of_records(sent: Fields) -> None:
    """A list is the same in both spellings, in its order."""
    entries = sent.records("Tag", 2)
    assert [(entry.required("Key", 5), entry.text("Value", 5)) for entry in entries] == [("k", "v"), ("l", "")]
    with pytest.raises(MissingParameter, match=r"Tag\.2\.Value"):
        entries[1].required("Value", 5)
    with pytest.raises(InvalidArgument, match="more than 1"):
        sent.records("Tag", 1)


@pytest.mark.parametrize("sent", [fields(Ids='["a", "b"]'), fields(Ids__1="a", Ids__2="b")], ids=["JSON", "flattened"])
def test_lists_of_texts(sent: Fields) -> None:
    """A list of texts is the same in both spellings, and has limits."""
    assert sent.texts("Ids", 2, 1) == ("a", "b")
    with pytest.raises(InvalidArgument, match="more than 1"):
        sent.texts("Ids", 1, 1)


def test_values_inside_json() -> None:
    """Numbers and truths may be themselves there, or text."""
    record = fields(A='{"N": 5, "T": "5", "F": true, "S": 7, "Z": null}').record("A")
    assert (record.whole("N", 1, 9, 1), record.whole("T", 1, 9, 1), record.whole("Z", 1, 9, 1)) == (5, 5, 1)
    assert (record.flag("F"), record.text("S", 5)) == (True, "7")


@pytest.mark.parametrize(
    "text",
    ["{", "nonsense", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, '{"a": ' + "1" * 5000 + "}", "5", '"a"', "[1]"],
    ids=["open", "no JSON", "NaN", "twice", "deep", "long number", "number", "text", "list"],
)
def test_what_is_no_record(text: str) -> None:
    """Broken JSON, JSON of another kind, and JSON that two programs may read differently are refused."""
    with pytest.raises(InvalidArgument, match="A"):
        fields(A=text).record("A").text("B", 5)


@pytest.mark.parametrize("text", ["{}5", '{"1": 2}', '"a"', "[1]"])
def test_what_is_no_list_of_records(text: str) -> None:
    """A list of records is a list, and of records."""
    with pytest.raises(InvalidArgument):
        fields(A=text).records("A", 5)


def test_a_record_is_no_text() -> None:
    """Where one value is wanted, a record or a list is refused."""
    sent = fields(A__B="c", D='{"E": [1]}')
    for refused in (lambda: sent.text("A", 5), lambda: sent.record("D").text("E", 5)):
        with pytest.raises(InvalidArgument, match="single value"):
            refused()


@pytest.mark.parametrize("names", [("A", "A"), ("A", "A.1"), ("A.1", "A"), ("A.1", "A.1.B"), ("A.1.B", "A.1")])
def test_contradictions(names: tuple[str, str]) -> None:
    """A name stands once, for a value or for a record."""
    with pytest.raises(InvalidArgument, match=r"contradicts|more than once"):
        Fields.of(Query(tuple((name, "v") for name in names)))


def test_names_have_a_depth() -> None:
    """A flattened name has so many parts and not more."""
    Fields.of(Query(((".".join("a" * DEPTH_MAX), "v"),)))
    with pytest.raises(InvalidArgument, match="too many parts"):
        Fields.of(Query(((".".join("a" * (DEPTH_MAX + 1)), "v"),)))


@pytest.mark.parametrize("names", [("A.0", "A.1"), ("A.1", "A.3"), ("A.1", "A.x"), ("A.01", "A.1")])
def test_lists_are_numbered_from_one(names: tuple[str, str]) -> None:
    """A flattened list with a gap is none."""
    with pytest.raises(InvalidArgument, match="JSON list"):
        Fields.of(Query(tuple((name, "v") for name in names))).texts("A", 5, 5)


def read_everything(sent: Fields, name: str) -> None:
    """Read one parameter as everything that it might be."""
    for read in (
        lambda: sent.text(name, 5),
        lambda: sent.whole(name, 1, 5, 1),
        lambda: sent.flag(name),
        lambda: sent.record(name).text("A", 5),
        lambda: [entry.text("A", 5) for entry in sent.records(name, 3)],
        lambda: sent.texts(name, 3, 5),
    ):
        with suppress(RequestError):
            read()


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=40)), max_size=8))
def test_garbage_is_refused_or_read(pairs: list[tuple[str, str]]) -> None:
    """Nothing that can be sent raises anything but an error of the request."""
    with suppress(RequestError):
        sent = Fields.of(Query(tuple(pairs)))
        for name, _ in pairs:
            read_everything(sent, name)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    )
)
def test_any_json_is_refused_or_read(document: object) -> None:
    """Whatever JSON stands in a parameter, its readers give a value or an error of the request."""
    read_everything(fields(A=json.dumps(document)), "A")

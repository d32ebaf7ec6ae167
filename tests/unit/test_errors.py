"""The error tree that errors/__init__.py draws is the one that it holds."""

import re
from dataclasses import dataclass

import pytest

from oss_faces import errors
from oss_faces.errors import ConfigurationError, OssFacesError

_LINE = re.compile(r"(?P<indent> +)(?P<name>[A-Z]\w+)(?: {2,}(?P<rest>.*))?")


@dataclass(frozen=True)
class Drawn:
    """One line of the drawing: what a class must be."""

    name: str
    parent: str | None
    status: int
    code: str
    retryable: bool


def drawn_tree() -> list[Drawn]:
    """Read the drawing; a line without a status or a code has those of its parent."""
    tree: list[Drawn] = []
    above: list[tuple[int, Drawn]] = []
    drawing = (errors.__doc__ or "").split("\n\n")[1]
    for line in drawing.splitlines():
        match = _LINE.fullmatch(line)
        assert match is not None, f"cannot be read: {line!r}"
        indent, rest = len(match["indent"]), match["rest"] or ""
        above = [(depth, item) for depth, item in above if depth < indent]
        parent = above[-1][1] if above else None
        status = re.search(r"\b\d{3}\b", rest)
        code = re.search(r"`([^`]+)`", rest) or (re.search(r"\d{3} ([A-Z]\w+)", rest))
        item = Drawn(
            match["name"],
            parent.name if parent else None,
            int(status[0]) if status else parent.status if parent else 0,
            code[1] if code else "",
            "retryable" in rest,
        )
        tree.append(item)
        above.append((indent, item))
    return tree


def classes() -> dict[str, type[OssFacesError]]:
    return {
        name: thing
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, OssFacesError)
    }


def test_drawing_and_classes_have_the_same_names() -> None:
    """No class is missing in the drawing, and nothing is drawn that does not exist."""
    assert sorted(item.name for item in drawn_tree()) == sorted(classes())


@pytest.mark.parametrize("drawn", drawn_tree(), ids=lambda item: item.name)
def test_class_is_what_the_drawing_says(drawn: Drawn) -> None:
    """Parent, status, retrying and, where it is written down, the code of each class are the drawn ones."""
    kind = classes()[drawn.name]
    assert drawn.parent is None or kind.__mro__[1].__name__ == drawn.parent
    if kind.__subclasses__() and kind is not OssFacesError:
        return  # a group: it is drawn to hold others, and is not raised itself
    assert kind.http_status == drawn.status
    assert kind.retryable is drawn.retryable
    if drawn.code:
        assert kind.code == drawn.code


@pytest.mark.parametrize("kind", [kind for kind in classes().values() if not kind.__subclasses__()])
def test_code_is_one_that_sdks_know_by_name(kind: type[OssFacesError]) -> None:
    """A code is a word, or `Imm Client`, whose blank is documented; an EC has its form and a message is there."""
    assert kind.code == "Imm Client" or re.fullmatch(r"[A-Z][A-Za-z]+", kind.code)
    assert re.fullmatch(r"\d{4}-\d{8}", kind.ec)
    assert kind.default_message


def test_retryable_errors_are_exactly_the_503s() -> None:
    """What a client may try again is answered with the status that makes SDKs try again."""
    leaves = [kind for kind in classes().values() if kind is not ConfigurationError]
    assert {kind.retryable for kind in leaves if kind.http_status == 503} == {True}
    assert {kind.retryable for kind in leaves if kind.http_status != 503} == {False}


def test_image_errors_have_a_code_that_no_sdk_retries() -> None:
    """`BadRequest` would be tried three times by two SDKs, and tripled in cost; no error uses it."""
    assert "BadRequest" not in {kind.code for kind in classes().values()}


def test_error_without_arguments_has_the_defaults_of_its_class() -> None:
    """The safe defaults hold when nothing else is said."""
    error = errors.NoSuchKey()
    assert (error.message, error.ec_value) == ("The specified key does not exist.", "0026-00000001")
    assert (error.details, error.context) == ({}, {})
    assert str(error) == "The specified key does not exist."


def test_error_keeps_what_it_was_given() -> None:
    """Message, EC, public details and log context of one error are its own."""
    error = errors.AccessDenied("No.", ec="0003-00000905", details={"Key": "a"}, context={"secret": 1})
    assert (error.message, error.ec_value) == ("No.", "0003-00000905")
    assert (error.details, error.context) == ({"Key": "a"}, {"secret": 1})
    assert str(error) == "No."
    assert errors.AccessDenied().ec_value == "0003-00000001"

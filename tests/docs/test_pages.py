"""The manual knows every setting and error code, and nothing in it points to what does not exist."""

import ast
import dataclasses
import re
import tomllib
from pathlib import Path

import click
import pytest

from oss_faces import errors
from oss_faces.app import package_version
from oss_faces.cli.commands import cli
from oss_faces.config import FREE_NAMES, Settings, read_settings
from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.metering import ServerMetrics
from oss_faces.values import Face

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def examples(language: str) -> list[tuple[str, str]]:
    """Every fenced block of a language in every page, with the page's name."""
    return [
        (str(path.relative_to(ROOT)), code)
        for path in PAGES
        for kind, code in FENCE.findall(path.read_text(encoding="utf-8"))
        if kind == language
    ]


# --- complete -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", dataclasses.fields(Settings), ids=lambda section: section.name)
def test_every_setting_is_documented(section: dataclasses.Field) -> None:
    """Each key stands in the table of its section, with the environment variable that sets it."""
    text = page("settings.md").partition(f"\n## `[{section.name}]`\n")[2].partition("\n## ")[0]
    for key in dataclasses.fields(section.type):
        assert f"| `{key.name}` |" in text
        assert f"`OSS_FACES_{section.name}__{key.name}`".upper() in text.upper()


@pytest.mark.parametrize("name", sorted(FREE_NAMES))
def test_every_other_variable_is_documented(name: str) -> None:
    """The variables that are no settings are told too."""
    assert f"`{name}`" in page("settings.md")


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, OssFacesError) and not kind.__subclasses__()
    ],
)
def test_every_error_is_documented(kind: type[OssFacesError]) -> None:
    """Code, status and EC of each error that can be sent stand in one row."""
    if kind is ConfigurationError:
        return  # never on the wire
    [row] = [line for line in page("errors.md").splitlines() if line.startswith(f"| `{kind.__name__}` |")]
    assert [cell.strip() for cell in row.split("|")[2:5]] == [f"`{kind.code}`", str(kind.http_status), kind.ec]


def test_every_attribute_of_a_face_is_documented() -> None:
    """The page of the library lists the attributes of `Face`, each once and no other."""
    table = page("library.md").partition("## `Face`")[2]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [field.name for field in dataclasses.fields(Face)]


def test_every_command_and_flag_is_documented() -> None:
    """The page of the command line has each command with each of its options."""
    text = page("cli.md")
    for name, command in cli.commands.items():
        assert f"## `oss-faces {name}`" in text
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[-1] in text


def test_every_event_of_the_log_is_documented() -> None:
    """Whatever word the server logs under, a reader of the log finds it in the manual."""
    edge = (ROOT / "src" / "oss_faces" / "http" / "edge.py").read_text(encoding="utf-8")
    events = set(re.findall(r"""log(?:\.\w+)?\(\s*"(\w+)",""", edge))
    assert {"request", "unforeseen", "client_gone", "broken_off"} <= events
    text = page("server.md").partition("\n## Logs\n")[2]
    for event in events:
        assert f'"event": "{event}"' in text or f"`{event}`" in text


def test_every_metric_is_documented() -> None:
    """Each name that a scrape can show, its labels with it, stands in the table."""
    metrics = ServerMetrics("1")
    metrics.watch_pictures(lambda: 0, lambda: 0)
    text = page("metering.md")
    families = re.findall(r"^# HELP (oss_faces_\w+) ", metrics.render()[0].decode(), re.MULTILINE)
    assert len(families) > 10
    for family in families:
        assert family.endswith("_created") or f"| `{family}` |" in text


# --- true ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "code"), examples("python"))
def test_python_examples_are_python(where: str, code: str) -> None:
    """Each program in the manual can be compiled."""
    ast.parse(code, where)


@pytest.mark.parametrize(("where", "code"), examples("toml"))
def test_settings_in_examples_are_accepted(where: str, code: str, tmp_path: Path) -> None:
    """Each settings file that the manual shows is one that the server takes."""
    assert tomllib.loads(code), where
    file = tmp_path / "oss-faces.toml"
    file.write_text(code, encoding="utf-8")
    read_settings(file, {}, {})


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_variables_exist(path: Path) -> None:
    """A variable that is named anywhere is one that is read."""
    known = {
        f"OSS_FACES_{section.name}__{key.name}".upper()
        for section in dataclasses.fields(Settings)
        for key in dataclasses.fields(section.type)
    }
    named = set(re.findall(r"\bOSS_FACES_[A-Z][A-Z0-9_]*\b", path.read_text(encoding="utf-8")))
    assert named <= known | FREE_NAMES | {"OSS_FACES_SECTION__KEY"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_that_are_named_exist(path: Path) -> None:
    """`section.key` in the text is a key of that section."""
    keys = {
        section.name: {key.name for key in dataclasses.fields(section.type)} for section in dataclasses.fields(Settings)
    }
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for section, key in re.findall(r"`([a-z]+)\.([a-z0-9_]+)`", text):
        if section in keys and key != "py":
            assert key in keys[section], f"{section}.{key}"


def anchors(path: Path) -> set[str]:
    """The places of a page that a link can name, spelled as the usual viewers spell them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Each relative link names a file that is there, and a heading that is in it."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def test_changelog_knows_the_installed_version() -> None:
    """The newest numbered entry is that of the version in use."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d[^\]]*)\]", text, re.MULTILINE)[0] == package_version()

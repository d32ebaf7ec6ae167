"""Write the tables of docs/settings.md from the settings classes: `python docs/generate_settings.py [--check]`.

The meaning of a setting is written once, in the `Attributes:` section of its class. A setting without one ends this
program with an error, so that none stays undocumented.
"""

import dataclasses
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from marked_region import keep

from oss_faces.config import ENVIRONMENT_PREFIX, Settings

PAGE: Final = Path(__file__).with_name("settings.md")

_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_MULTIPLES: Final = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
# The unit of a number is part of its name; the first match counts.
_UNITS: Final = (("bytes", "bytes"), ("_s", "seconds"), ("pixels", "pixels"), ("side", "pixels"))


def main() -> None:
    """Bring the page up to date, or check it."""
    sections = dataclasses.fields(Settings)
    keep(PAGE, "\n".join(_section(section.name, section.default_factory) for section in sections))


def _section(name: str, kind: Any) -> str:
    texts = dict(_attributes(kind))
    rows = [_row(name, field.name, getattr(kind(), field.name), texts) for field in dataclasses.fields(kind)]
    head = "| key | default | unit | environment | meaning |\n|---|---|---|---|---|\n"
    first_line = inspect.cleandoc(kind.__doc__).splitlines()[0]
    return f"## `[{name}]`\n\n{first_line}\n\n{head}{''.join(rows)}"


def _row(section: str, key: str, default: object, texts: Mapping[str, str]) -> str:
    environment = f"{ENVIRONMENT_PREFIX}{section}__{key}".upper()
    meaning = texts[key].replace("|", "\\|")
    return f"| `{key}` | {_shown(key, default)} | {_unit(key, default)} | `{environment}` | {meaning} |\n"


def _attributes(kind: type) -> Iterator[tuple[str, str]]:
    """Read `name: meaning` of every class that fields come from, the base first."""
    for owner in reversed(kind.__mro__):
        section = inspect.cleandoc(owner.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
        for match in _ATTRIBUTE.finditer(section):
            yield match[1], " ".join(match[2].split())


def _shown(key: str, default: object) -> str:
    """Write a default as it would stand in the TOML file."""
    if default is None or default == "":
        return "not set"
    if isinstance(default, Mapping):
        default = dict(default)
    text = f"`{json.dumps(str(default) if isinstance(default, Path) else default)}`"
    if isinstance(default, int) and "bytes" in key:
        text += next((f" ({default // size} {name})" for name, size in _MULTIPLES if not default % size), "")
    return text


def _unit(key: str, default: object) -> str:
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    units = [unit for mark, unit in _UNITS if (key.endswith(mark) if mark == "_s" else mark in key)]
    return units[0] if is_number and units else ""


main()

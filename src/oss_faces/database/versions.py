"""Which versions the tables have, and which are the newest: asked at every start, and Alembic only when they differ."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

_FOLDER: Final = Path(__file__).with_name("migrations") / "versions"
_FILE: Final = re.compile(r"([a-z]+)_(\d{4})_\w+\.py")
# Alembic's own table.
_TABLE: Final = "alembic_version"


def is_newest(connection: Connection) -> bool:
    """Tell whether the tables of every component have their newest version, and nothing has a version beside these."""
    if not inspect(connection).has_table(_TABLE):
        return False
    there = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalars()  # noqa: S608  (our own name)
    return frozenset(there) == newest_versions(path.name for path in _FOLDER.iterdir())


def newest_versions(files: Iterable[str]) -> frozenset[str]:
    """Tell the newest version of each component, from the names of files that make versions.

    Args:
        files: `<component>_<four digits>_<what>.py`; others are none.
    """
    newest: dict[str, str] = {}
    for component, number in (found.groups() for found in map(_FILE.fullmatch, files) if found):
        newest[component] = max(number, newest.get(component, number))
    return frozenset(f"{component}_{number}" for component, number in newest.items())

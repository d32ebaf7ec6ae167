from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from oss_faces.database import Database, DatabaseSettings, open_database

Opening = Callable[..., Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    """Opens one and the same database, as often as is wanted and with further settings, once in each engine."""
    if request.param == "sqlite":
        yield lambda **settings: open_database(tmp_path / "data", DatabaseSettings(**settings))
        return
    with request.getfixturevalue("postgresql").empty() as url:
        yield lambda **settings: open_database(tmp_path / "data", DatabaseSettings(url=url, **settings))


@pytest.fixture
def database(opening: Opening) -> Iterator[Database]:
    with closing(opening()) as opened:
        yield opened

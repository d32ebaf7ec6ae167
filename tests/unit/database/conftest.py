from collections.abc import Iterator

import pytest

from oss_faces.database import Database, open_database


@pytest.fixture
def database(tmp_path) -> Iterator[Database]:
    opened = open_database(tmp_path / "data")
    yield opened
    opened.close()

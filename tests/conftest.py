import os
from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with labelled data and captures beside the project; what needs it says so when it is absent."""
    folder = Path(os.environ.get("OSS_FACES_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("needs the shared folder beside the project (OSS_FACES_SHARED)")
    return folder

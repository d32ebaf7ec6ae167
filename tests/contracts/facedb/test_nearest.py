"""What every face database finds by vector, by number alone: the same in memory and in SQL."""

import numpy as np
import pytest

from oss_faces.errors import RequestError
from oss_faces.facedb import FaceDatabase
from tests.contracts.facedb.faces import DIMENSIONS, REF, SPACE, album, direction, people

pytestmark = pytest.mark.anyio


async def test_nothing_is_near_in_an_empty_dataset(faces: FaceDatabase) -> None:
    """Each probe has a row, and nothing in it."""
    await album(faces)
    probes = np.zeros((2, DIMENSIONS), np.float32)
    assert (await faces.nearest(REF, probes, SPACE, 5)).numbers.shape == (2, 0)


async def test_nearest_are_those_of_a_search(faces: FaceDatabase) -> None:
    """Numbers and distances in the order of `search`; a probe that is kept finds itself first."""
    await album(faces)
    numbers = await people(faces, "a", "b", "c", "d")
    probes = np.stack([direction(0), direction(2), direction(9)])
    matches = await faces.nearest(REF, probes, SPACE, 3)
    found = await faces.search(REF, probes, SPACE, 3)
    assert matches.numbers.tolist() == [[each.figure.number for each in row] for row in found]
    np.testing.assert_allclose(matches.distances, [[each.distance for each in row] for row in found])
    assert matches.numbers[:2, 0].tolist() == [numbers["a"], numbers["c"]]


async def test_another_space_is_refused(faces: FaceDatabase) -> None:
    """Vectors of two spaces are never compared."""
    await album(faces)
    await people(faces, "a")
    with pytest.raises(RequestError):
        await faces.nearest(REF, direction(0)[None], "other@1", 1)

"""Faces that have outlived their time go by themselves."""

from datetime import timedelta

import anyio
import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.hourly import PERIOD_S
from oss_faces.operations.people import Sweeper, expiring
from tests.unit.operations.people.conftest import FIRST, REF, picture, seen

pytestmark = pytest.mark.anyio


class FailingOnce:
    """A database that cannot be asked when it is asked for the second time."""

    def __init__(self, database) -> None:
        self._database = database
        self.calls = 0

    def __getattr__(self, name: str):
        return getattr(self._database, name)

    async def expired_files(self, now, limit):
        self.calls += 1
        if self.calls == 2:
            raise StorageUnavailable
        return await self._database.expired_files(now, limit)


async def test_faces_are_erased_every_hour(world) -> None:
    """What is old enough goes in the next hour, and a failure is made good an hour later."""
    await world.enroller.enrol("Ada", [picture(seen(1))])
    await world.keeper.retain(1)
    now, left, is_over = [FIRST], [], anyio.Event()

    async def wait(seconds: float) -> None:
        assert seconds == PERIOD_S
        left.append(await world.database.gallery_size(REF))
        now[0] += timedelta(hours=13)
        if len(left) == 4:
            is_over.set()
            await anyio.sleep_forever()

    sweeper = Sweeper(FailingOnce(world.database), world.audit, lambda: now[0])
    with anyio.fail_after(10):
        async with expiring(sweeper, wait):
            await is_over.wait()
    # 0 h: too young; 13 h: cannot be asked; 26 h: gone.
    assert left == [1, 1, 0, 0]
    assert (await world.log())[-1] == ("expire", (), {"files": 1})


async def test_what_the_block_raises_comes_out_as_it_is(world) -> None:
    """The server's own errors are not wrapped."""
    with pytest.raises(StorageUnavailable):
        async with expiring(Sweeper(world.database, world.audit, lambda: FIRST)):
            raise StorageUnavailable

"""Old uploads go by themselves."""

from datetime import timedelta

import anyio
import pytest

from oss_faces.errors import StorageUnavailable
from oss_faces.hourly import PERIOD_S
from oss_faces.storage import MemoryStore, StorageLimits, UploadQuery, UploadSpec
from oss_faces.storage.sweeper import sweeping
from tests.contracts.storage.shelf import BUCKET, OWNER, MovableClock

pytestmark = pytest.mark.anyio


class Hours:
    """Lets an hour pass as soon as somebody waits for it, and notes whether uploads were there; up to a last one."""

    def __init__(self, store: MemoryStore, clock: MovableClock, last: int) -> None:
        self.had_uploads: list[bool] = []
        self.is_over = anyio.Event()
        self._store = store
        self._clock = clock
        self._last = last

    async def __call__(self, seconds: float) -> None:
        assert seconds == PERIOD_S
        self.had_uploads.append(bool((await self._store.list_uploads(BUCKET, UploadQuery())).uploads))
        self._clock.now += timedelta(hours=1)
        if len(self.had_uploads) > self._last:
            self.is_over.set()
            await anyio.sleep_forever()


class BusyStore(MemoryStore):
    """Cannot be swept in the hour in which the upload reaches its age."""

    calls = 0

    async def expire_uploads(self) -> int:
        self.calls += 1
        # The first call comes from the beginning of the upload, the second one is at once.
        if self.calls == 25 + 2:
            raise StorageUnavailable
        return await super().expire_uploads()


@pytest.mark.parametrize(("kind", "gone_at"), [(MemoryStore, 25), (BusyStore, 26)])
async def test_uploads_are_swept_every_hour(kind, gone_at):
    """An upload is gone in the hour after it has reached its age; a failure in between is made good an hour later."""
    clock = MovableClock()
    store = kind(StorageLimits(upload_days_max=1), clock)
    await store.create_bucket(BUCKET, OWNER)
    await store.begin_upload(BUCKET, "key", UploadSpec())
    hours = Hours(store, clock, 26)
    with anyio.fail_after(10):
        async with sweeping(store, hours):
            await hours.is_over.wait()
    assert hours.had_uploads == [hour < gone_at for hour in range(27)]


async def test_what_the_block_raises_comes_out_as_it_is():
    """An error of the server behind the block is that error, not a group with it inside."""
    store = MemoryStore(StorageLimits(), MovableClock())

    async def fail() -> None:
        async with sweeping(store):
            raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await fail()

"""The writer behind the counters: one transaction for all that wait, and no answer before it."""

import asyncio
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
import structlog

from oss_faces.errors import ConfigurationError, MeteringUnavailable
from oss_faces.metering import MemoryUsageStore, Meter, MeteringSettings, Outcome, UsageCounts, UsageKey, Use
from oss_faces.values import Work

pytestmark = pytest.mark.anyio

MONDAY = date(2026, 11, 23)
GET = Use("k", "b", "oss:GetObject", 200, 10, Work(source_bytes=10))


class SlowStore(MemoryUsageStore):
    """A store whose additions wait for the test, which is told of each."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Mapping[UsageKey, UsageCounts]] = []
        self.may_go_on = threading.Semaphore(0)
        self.error: Exception | None = None

    def add(self, batch: Mapping[UsageKey, UsageCounts]) -> None:
        self.batches.append(dict(batch))
        assert self.may_go_on.acquire(timeout=30)
        if self.error is not None:
            raise self.error
        super().add(batch)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def opened(store: MemoryUsageStore, clock: Clock | None = None, retention_days: int = 400) -> Meter:
    return Meter(store, MeteringSettings(retention_days), clock or Clock())


async def until(condition) -> None:
    """Let the loop turn until something has happened."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  what is waited for happens in a thread
            await asyncio.sleep(0)


async def test_all_that_wait_are_one_transaction() -> None:
    """A thousand requests that come while one is being kept are kept together, and exactly."""
    store = SlowStore()
    meter = opened(store)
    first = asyncio.create_task(meter.record(GET))
    await until(lambda: store.batches)
    others = [asyncio.create_task(meter.record(GET)) for _ in range(1000)]
    await asyncio.sleep(0)
    store.may_go_on.release(2)
    await asyncio.gather(first, *others)
    assert [sum(counts.requests for counts in batch.values()) for batch in store.batches] == [1, 1000]
    [(key, counts)] = store.rows()
    assert key == UsageKey(MONDAY, "k", "b", "oss:GetObject", Outcome.SUCCEEDED)
    assert counts == UsageCounts(1001, 10_010, 10_010)
    await meter.aclose()


async def test_nobody_goes_on_before_the_counts_are_kept() -> None:
    """`record` returns when the store has, not before."""
    store = SlowStore()
    meter = opened(store)
    waiting = asyncio.create_task(meter.record(GET))
    await until(lambda: store.batches)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    store.may_go_on.release()
    await waiting
    assert list(store.rows())
    await meter.aclose()


@pytest.mark.parametrize("error", [MeteringUnavailable(context={"reason": "full"}), ZeroDivisionError()])
async def test_error_reaches_each_that_waits_and_nobody_behind(error: Exception) -> None:
    """A batch that fails fails for all in it, each with an exception of its own; the next batch is kept."""
    store = SlowStore()
    store.error = error
    meter = opened(store)
    with structlog.testing.capture_logs() as lines:
        tasks = [asyncio.create_task(meter.record(GET)) for _ in range(3)]
        store.may_go_on.release()
        failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(failure) for failure in failures} == {MeteringUnavailable}
    assert len({id(failure) for failure in failures}) == 3
    assert [(line["event"], line["requests"]) for line in lines] == [("not_counted", 3)]
    store.error = None
    store.may_go_on.release()
    await meter.record(GET)
    assert [counts.requests for _, counts in store.rows()] == [1]
    await meter.aclose()


async def test_cancelled_request_is_counted_once() -> None:
    """The end of the server does not withdraw what is on its way; the caller hears of its success, not of its end."""
    store = SlowStore()
    meter = opened(store)
    waiting = asyncio.create_task(meter.record(GET))
    await until(lambda: store.batches)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    store.may_go_on.release()
    await waiting
    assert [counts.requests for _, counts in store.rows()] == [1]
    await meter.aclose()


async def test_closing_waits_for_what_is_on_its_way() -> None:
    """What waits when the server ends is kept first."""
    store = SlowStore()
    meter = opened(store)
    waiting = asyncio.create_task(meter.record(GET))
    await until(lambda: store.batches)
    closing = asyncio.create_task(meter.aclose())
    await asyncio.sleep(0)
    store.may_go_on.release()
    await asyncio.gather(waiting, closing)
    assert [counts.requests for _, counts in store.rows()] == [1]


async def test_day_is_that_of_the_end_in_utc() -> None:
    """A request counts for the day on which its answer ends."""
    store, clock = MemoryUsageStore(), Clock()
    meter = opened(store, clock)
    await meter.record(GET)
    clock.now += timedelta(microseconds=1)
    await meter.record(GET)
    assert [key.day for key, _ in store.rows()] == [MONDAY, MONDAY + timedelta(days=1)]
    await meter.aclose()


async def test_bucket_is_known_once_it_has_served() -> None:
    """Before that its failures count without a bucket; a meter that is opened later knows it from the store."""
    store = MemoryUsageStore()
    meter = opened(store)
    failed = Use("k", "b", "oss:GetObject", 404, 0)
    await meter.record(failed)
    await meter.record(GET)
    await meter.record(failed)
    await meter.aclose()
    again = opened(store)
    await again.open()
    await again.record(failed)
    await again.aclose()
    missing = {key.bucket: counts.requests for key, counts in store.rows() if key.outcome is Outcome.MISSING}
    assert missing == {"": 1, "b": 2}


@pytest.mark.parametrize(("retention_days", "left"), [(1, 1), (2, 2), (400, 3), (0, 3)])
async def test_old_days_go_at_the_start(retention_days: int, left: int) -> None:
    """As many days are kept as the setting says, today among them; 0 keeps all."""
    store = MemoryUsageStore()
    for age in range(3):
        key = UsageKey(MONDAY - timedelta(days=age), "k", "b", "oss:GetObject", Outcome.SUCCEEDED)
        store.add({key: UsageCounts(1)})
    meter = opened(store, retention_days=retention_days)
    await meter.open()
    assert len(store.rows()) == left
    await meter.aclose()


async def test_old_days_go_when_a_new_one_begins() -> None:
    """A server that runs for years does not grow: the first request of a day ends the oldest one."""
    store, clock = MemoryUsageStore(), Clock()
    meter = opened(store, clock, retention_days=1)
    await meter.open()
    await meter.record(GET)
    clock.now += timedelta(days=1)
    await meter.record(GET)
    await until(lambda: len(store.rows()) == 1)
    assert [key.day for key, _ in store.rows()] == [MONDAY + timedelta(days=1)]
    await meter.aclose()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "succeeded"),
        (206, "succeeded"),
        (304, "not_modified"),
        (400, "refused"),
        (401, "denied"),
        (403, "denied"),
        (404, "missing"),
        (412, "refused"),
        (499, "refused"),
        (500, "failed"),
        (503, "failed"),
    ],
)
async def test_outcomes(status: int, outcome: str) -> None:
    """2xx, 304, and the classes of failures."""
    assert Outcome.of_status(status) == outcome


@pytest.mark.parametrize("days", [-1, 36_501])
async def test_settings_are_checked(days: int) -> None:
    """A time that makes no sense is refused at the start."""
    MeteringSettings(0).validate()
    with pytest.raises(ConfigurationError, match=r"metering\.retention_days"):
        MeteringSettings(days).validate()

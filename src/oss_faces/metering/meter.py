"""Counting: requests wait until their counts are kept, and one writer keeps those of all that wait in one transaction.

There is no timer. A batch is whatever has come while the writer was busy, so a request alone waits for one
transaction, and a thousand at once wait for two.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from oss_faces.errors import MeteringUnavailable
from oss_faces.metering.base import UsageStore
from oss_faces.metering.settings import MeteringSettings
from oss_faces.metering.usage import Outcome, UsageCounts, UsageKey, Use

Result = TypeVar("Result")


class _Batch:
    """Counts that are kept together. `kept` is done when they are, or when they could not be."""

    def __init__(self) -> None:
        self.counts: dict[UsageKey, UsageCounts] = {}
        self.kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Meter:
    """Counts what was used, in the event loop that made it. `open` it before the first request, `aclose` it in the end.

    A bucket is named only after a request to it has succeeded; failures before that count without a bucket. Else
    anybody could fill the disk by asking for buckets that do not exist.
    """

    def __init__(self, store: UsageStore, settings: MeteringSettings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._known_buckets: set[str] = set()
        self._waiting: _Batch | None = None
        self._writer: asyncio.Task[None] | None = None
        self._swept = date.min
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metering")
        self._log = structlog.get_logger("oss_faces.metering")

    async def open(self) -> None:
        """Learn which buckets are known, and remove what is older than is kept.

        Raises:
            MeteringUnavailable: the store cannot be used.
        """
        self._known_buckets = set(await self._in_thread(self._store.buckets))
        await self._in_thread(self._sweep)

    async def record(self, use: Use) -> None:
        """Count one request; return when that outlasts the process. What was begun is finished when cancelled.

        Raises:
            MeteringUnavailable: it was not counted.
        """
        batch = self._batch_with(self._key(use), UsageCounts.of(use))
        try:
            await _result(batch.kept)
        except MeteringUnavailable as exc:
            # An exception of its own for each of those that wait for the same future.
            raise MeteringUnavailable(context=exc.context) from exc

    async def check(self) -> None:
        """Raise `MeteringUnavailable` when requests could not be counted."""
        await self._in_thread(self._store.check)

    async def aclose(self) -> None:
        """Keep what still waits. No `record` may follow."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        self._thread.shutdown()

    def _key(self, use: Use) -> UsageKey:
        outcome = Outcome.of_status(use.status)
        if outcome is Outcome.SUCCEEDED and use.bucket:
            self._known_buckets.add(use.bucket)
        bucket = use.bucket if use.bucket in self._known_buckets else ""
        return UsageKey(self._now().date(), use.access_key_id, bucket, use.operation, outcome)

    def _batch_with(self, key: UsageKey, counts: UsageCounts) -> _Batch:
        if self._waiting is None:
            self._waiting = _Batch()
        batch = self._waiting
        batch.counts[key] = batch.counts.get(key, UsageCounts()) + counts
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return batch

    async def _write(self) -> None:
        """Keep batches for as long as there are any. It survives every error, and each reaches those who wait."""
        while self._waiting is not None:
            batch, self._waiting = self._waiting, None
            error = await self._keep(batch)
            if error is None:
                batch.kept.set_result(None)
            else:
                batch.kept.set_exception(error)
                # Looked at, so that nobody complains when all who waited have been cancelled.
                batch.kept.exception()
            if self._now().date() != self._swept:
                await self._sweep_of_the_day()

    async def _keep(self, batch: _Batch) -> MeteringUnavailable | None:
        requests = sum(counts.requests for counts in batch.counts.values())
        try:
            await self._in_thread(partial(self._store.add, batch.counts))
        except MeteringUnavailable as exc:
            self._log.error("not_counted", requests=requests, **exc.context)
            return exc
        except Exception as exc:  # noqa: BLE001  (the batch worker: logged here, and handed to all who wait)
            self._log.exception("not_counted", requests=requests)
            return MeteringUnavailable(context={"unforeseen": type(exc).__name__})
        return None

    async def _sweep_of_the_day(self) -> None:
        try:
            await self._in_thread(self._sweep)
        except MeteringUnavailable as exc:
            self._log.error("not_swept", **exc.context)

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _sweep(self) -> None:
        today = self._now().date()
        if self._settings.retention_days:
            self._store.forget_before(today - timedelta(days=self._settings.retention_days - 1))
        self._swept = today


async def _result(future: asyncio.Future[None]) -> None:
    """Wait for a future that others wait for too. Cancelled, wait on: it cannot be withdrawn, and comes soon."""
    try:
        await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        future.result()

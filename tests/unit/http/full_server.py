"""A server that is full, and requests to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import oss2

from oss_faces.http import Edge
from oss_faces.workers import Door, Workers
from tests.unit.http.in_process import Answered, Exchange, body_messages, scope, signed
from tests.working import inside

HOST = {"host": "127.0.0.1:9000"}


@asynccontextmanager
async def full(door: Door, workers: Workers) -> AsyncIterator[None]:
    """Hold both places of the workers."""

    async def hold() -> None:
        async with inside(door), workers.place():
            await asyncio.Event().wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    while not workers.is_full:  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0)
    try:
        yield
    finally:
        for holder in holders:
            holder.cancel()
        await asyncio.wait(holders)


@asynccontextmanager
async def closed(door: Door, workers: Workers) -> AsyncIterator[None]:
    """Let, besides, one request be looked at that never comes to an end."""
    async with full(door, workers), inside(door):
        yield


async def send(
    edge: Edge, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Answered:
    exchange = Exchange(body_messages(body))
    told = HOST | (headers or {}) | ({"content-length": str(len(body))} if body else {})
    await edge(scope(method, target, told.items()), exchange.receive, exchange.send)
    assert exchange.answered.is_complete
    return exchange.answered


def faces_of(key: str = "dir/photo.jpg", process: str = "image/faces", auth: oss2.auth.AuthBase | None = None) -> str:
    return signed("GET", key, auth, params={"x-oss-process": process})

"""Mounted stores for the contract: a folder, a bucket of a fake S3, and a bucket of another server of ours as OSS."""

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

from moto.server import ThreadedMotoServer

from oss_faces.storage import (
    Clock,
    MemoryStore,
    MountSettings,
    MountsSettings,
    StorageLimits,
    WholeStore,
    open_mounts,
    read_mounts,
    route,
)
from tests.contracts.storage.shelf import BUCKET, OWNER
from tests.running import RunningServer

UPSTREAM = "contract-upstream"
ENVIRONMENT = {"KEY_ID": "testing", "KEY_SECRET": "testing"}
# Each test has a prefix of its own, so that none finds what another left.
_prefixes = (f"test {number}/ö/" for number in itertools.count())


def running_moto() -> Iterator[str]:
    """Serve a fake S3 with one bucket; gives its endpoint."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(f"PUT /{UPSTREAM} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in connection.recv(4096)
    yield endpoint
    moto.stop()


def folder_mount(folder: Path) -> MountSettings:
    place = folder / "pictures"
    place.mkdir()
    return MountSettings(folder=place, writable=True)


def s3_mount(endpoint: str) -> MountSettings:
    return MountSettings(
        kind="s3",
        endpoint=endpoint,
        region="us-east-1",
        bucket=UPSTREAM,
        prefix=next(_prefixes),
        access_key_id_env="KEY_ID",
        access_key_secret_env="KEY_SECRET",
        writable=True,
    )


def oss_mount(server: RunningServer) -> MountSettings:
    return MountSettings(
        kind="oss",
        endpoint=server.endpoint,
        bucket=UPSTREAM,
        prefix=next(_prefixes),
        credentials_file=server.data / "root-key.json",
        writable=True,
    )


async def mounted(mount: MountSettings, limits: StorageLimits, clock: Clock, **settings) -> WholeStore:
    """A store in memory, beside which the contract's bucket is mounted."""
    mounts = MountsSettings(buckets={BUCKET: mount}, attempt_s=10, call_s=20, **settings)
    mounts.validate()
    sources = read_mounts(mounts, ENVIRONMENT)
    return await route(MemoryStore(limits, clock), open_mounts(sources, mounts, limits, OWNER, clock))

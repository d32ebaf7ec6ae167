"""What every client of a conformance run finds: one server with a few objects, and one whose clock is an hour ahead."""

import hashlib
import http.client
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import oss2
from PIL import Image

from tests.conformance.driver import Connect
from tests.running import RunningServer, portrait, start_server

BUCKET = "conformance"
# `ali-oss` makes URLs for an IP address that name no bucket: the only reason for this setting.
SETTINGS = {"OSS_FACES_ADDRESSING__DEFAULT_BUCKET": BUCKET}


@dataclass(frozen=True)
class World:
    """The servers and what they hold.

    Attributes:
        ahead: a server with the same key and objects, whose clock is one hour ahead.
    """

    server: RunningServer
    ahead: RunningServer
    picture: bytes

    @property
    def connect(self) -> Connect:
        return Connect(self.server.endpoint, self.server.access_key_id, self.server.access_key_secret)

    @property
    def connect_ahead(self) -> Connect:
        return self.connect.but(endpoint=self.ahead.endpoint)

    @property
    def etag(self) -> str:
        return hashlib.md5(self.picture).hexdigest().upper()

    def raw(self, url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        """Fetch a URL by the standard library alone, as a program without any SDK does."""
        host, port = self.server.address
        target = "/" + url.split("//", 1)[1].partition("/")[2]
        connection = http.client.HTTPConnection(host, self.port_of(url) or port, timeout=30)
        connection.request(method, target, body=body, headers={"Host": url.split("/")[2]})
        response = connection.getresponse()
        answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        connection.close()
        return answer

    def port_of(self, url: str) -> int:
        """Read the port of a URL that one of the two servers was asked by."""
        return int(url.split("/")[2].rpartition(":")[2])


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Store the objects that the cases read, and start both servers on copies of them; stop both in the end."""
    picture, (now, ahead) = small_portrait(), (folder / "now", folder / "ahead")
    now.mkdir()
    with serving(now) as server:
        fill(server.bucket(BUCKET), picture)
    shutil.copytree(now, ahead)
    with serving(now) as server, serving(ahead, module="tests.conformance.hour_ahead") as late:
        yield World(server, late, picture)


@contextmanager
def serving(folder: Path, module: str = "oss_faces") -> Iterator[RunningServer]:
    """Run a server, which must stop cleanly."""
    running = start_server(folder, environment=SETTINGS, module=module)
    try:
        yield running
    finally:
        status = running.stop()
    assert status == 0


def fill(bucket: oss2.Bucket, picture: bytes) -> None:
    """Store what the cases read."""
    bucket.create_bucket()
    bucket.put_object("example.jpg", picture)
    bucket.put_object("note.jpg", b"no picture at all")
    bucket.put_object("large.jpg", b"\xff\xd8\xff" + bytes(20 * 1024 * 1024))


def small_portrait() -> bytes:
    """Give a small JPEG with one face."""
    target = io.BytesIO()
    with Image.open(portrait()) as picture:
        picture.convert("RGB").resize((320, 320)).save(target, "JPEG", quality=90)
    return target.getvalue()

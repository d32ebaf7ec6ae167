"""What every client of a conformance run finds: one server with a few objects, and one whose clock is an hour ahead."""

import hashlib
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import oss2
from PIL import Image

from tests.conformance.driver import Connect
from tests.running import RunningServer, portrait, start_server

BUCKET = "conformance"
FACES_ONLY = f"oss:GetObject,oss:ProcessImm,imm:DetectImageFaces:{BUCKET}"
COMMAND_S = 180
# `ali-oss` makes URLs for an IP address that name no bucket: the only reason for this setting.
SETTINGS = {"OSS_FACES_ADDRESSING__DEFAULT_BUCKET": BUCKET}


@dataclass(frozen=True)
class Key:
    """An access key as `oss-faces keys` prints it."""

    access_key_id: str
    access_key_secret: str
    security_token: str = ""

    @property
    def id(self) -> str:
        return self.access_key_id

    @property
    def secret(self) -> str:
        return self.access_key_secret

    @property
    def token(self) -> str:
        return self.security_token


@dataclass(frozen=True)
class World:
    """The servers and what they hold.

    Attributes:
        ahead: a server with the same keys and objects, whose clock is one hour ahead.
        reader: a key that may ask for faces, and nothing else.
        temporary: temporary credentials of the reader.
    """

    server: RunningServer
    ahead: RunningServer
    picture: bytes
    reader: Key
    temporary: Key

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

    @cache  # noqa: B019  there is one world
    def faces_of_the_command_line(self) -> list[dict[str, Any]]:
        """Ask `oss-faces detect` for the faces of the same picture; their ids are blanked out."""
        found = oss_faces("detect", "-", stdin=self.picture)
        return [{**face, "FigureId": ""} for face in found["Figures"]]

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
        reader = keys("create", "--grant", FACES_ONLY, data=server.data)
        temporary = keys("assume", reader.id, data=server.data)
    shutil.copytree(now, ahead)
    with serving(now) as server, serving(ahead, module="tests.conformance.hour_ahead") as late:
        yield World(server, late, picture, reader, temporary)


def keys(*command: str, data: Path) -> Key:
    """Run `oss-faces keys`."""
    shown = oss_faces("keys", *command, "--json", "--data", str(data))
    return Key(**{name: shown[name] for name in Key.__dataclass_fields__ if name in shown})


def oss_faces(*arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    """Run a command and read the JSON that it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    command = (sys.executable, "-m", "oss_faces", *arguments)
    done = subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=COMMAND_S, env=clean)
    return json.loads(done.stdout)


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
    bucket.put_object("imm/照片 a+b%20.jpg", picture)
    bucket.put_object("note.jpg", b"no picture at all")
    bucket.put_object("large.jpg", b"\xff\xd8\xff" + bytes(20 * 1024 * 1024))


def small_portrait() -> bytes:
    """Give a small JPEG with one face."""
    target = io.BytesIO()
    with Image.open(portrait()) as picture:
        picture.convert("RGB").resize((320, 320)).save(target, "JPEG", quality=90)
    return target.getvalue()

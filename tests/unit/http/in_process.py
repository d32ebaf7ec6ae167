"""The whole HTTP surface without a socket: requests go straight into the ASGI application."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio
import numpy as np
import oss2
import requests
from oss2.http import Request, Response

from oss_faces.errors import UnsupportedFormat
from oss_faces.http import Edge
from oss_faces.values import Image, ImageSize

KEY_ID, SECRET = "OSSFtestkey", "a-secret-that-no-log-may-show"
TEMPORARY_ID, TEMPORARY_SECRET, TOKEN = "STS.temporary", "another-secret-for-nobody", "a-token-that-no-log-may-show"
NOBODY_ID, NOBODY_SECRET = "OSSFnobody", "a-third-secret"
REGION, ENDPOINT = "cn-hangzhou", "http://127.0.0.1:9000"
HEADER_ID, BODY_ID = "0123456789ABCDEF01234567", "5F2389FE-A5E3-076F-B071-43A33DB0D716"
PICTURE = b"a picture"

Message = dict[str, Any]


@dataclass
class Answered:
    """What came out of the application."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    is_complete: bool = False

    def header(self, name: str) -> str | None:
        """Value of a header that may be there once."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


@dataclass
class Exchange:
    """One request on its way: the messages that `receive` gives, and those that `send` took.

    A message may be an exception, which is then raised; after the last one the client is silent for ever.
    """

    messages: list[Message]
    answered: Answered = field(default_factory=Answered)
    received: int = 0

    async def receive(self) -> Message:
        if self.received < len(self.messages):
            self.received += 1
            return self.messages[self.received - 1]
        await anyio.sleep_forever()
        raise AssertionError

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not self.answered.status, "one answer for one request"
            self.answered.status = message["status"]
            self.answered.headers = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            assert not self.answered.is_complete
            self.answered.body += message.get("body", b"")
            self.answered.is_complete = not message.get("more_body", False)


def body_messages(*pieces: bytes) -> list[Message]:
    """The body in these pieces, the last of them marked as such."""
    shown = pieces or (b"",)
    return [
        {"type": "http.request", "body": piece, "more_body": place < len(shown)} for place, piece in enumerate(shown, 1)
    ]


def scope(method: str, target: str, headers: Iterable[tuple[str, str]] = (), version: str = "1.1") -> Message:
    """An HTTP scope as the server makes it of a request line and headers."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "http_version": version,
        "method": method,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }


class InProcess:
    """Stands in for the SDK's HTTP session; remembers the last raw exchange.

    Attributes:
        change: applied to the raw headers of a request after it was signed.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._plain = requests.Session()
        self.last = Answered()
        self.change: Callable[[dict[str, str]], Mapping[str, str]] = dict

    def do_request(self, req: Request, timeout: object) -> Response:  # noqa: ARG002  the SDK's signature
        prepared = self._plain.prepare_request(
            requests.Request(req.method, req.url, data=req.data, params=req.params, headers=req.headers)
        )
        body = prepared.body or b""
        content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b"".join(body)
        headers = {"host": urlsplit(req.url).netloc, **prepared.headers}
        self.last = self.exchange(req.method, prepared.path_url, self.change(headers), content)
        answer = requests.Response()
        answer.status_code = self.last.status
        answer.headers.update(dict(self.last.headers))
        answer.raw = io.BytesIO(self.last.body)
        return Response(answer)

    def exchange(self, method: str, target: str, headers: Mapping[str, str], *pieces: bytes) -> Answered:
        """Send one request and wait for the whole answer."""

        async def run() -> Answered:
            exchange = Exchange(body_messages(*pieces))
            await self._edge(scope(method, target, headers.items()), exchange.receive, exchange.send)
            return exchange.answered

        answered = anyio.run(run)
        assert answered.is_complete
        return answered


def decode(content: bytes) -> Image:
    """Read the one picture that there is."""
    if content != PICTURE:
        raise UnsupportedFormat
    return Image(np.zeros((100, 200, 3), np.uint8), ImageSize(200, 100), "test")


def signed(method: str, key: str, auth: oss2.auth.AuthBase | None = None, **options) -> str:
    """A presigned target, by default one that the test's key may use."""
    bucket = oss2.Bucket(auth or oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", region=REGION)
    return bucket.sign_url(method, key, 60, **options).removeprefix(ENDPOINT)

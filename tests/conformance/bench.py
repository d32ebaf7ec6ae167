"""One client at work: what the cases are written with."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.driver import Connect, Driver, Failure
from tests.conformance.outcomes import expected
from tests.conformance.toolchains import Client
from tests.conformance.world import BUCKET, World

FACES: Final = "image/faces"


@dataclass(frozen=True)
class Bench:
    """One client at work for one case."""

    client: Client
    driver: Driver
    world: World
    folder: Path

    @property
    def connect(self) -> Connect:
        return self.world.connect

    def key(self, name: str) -> str:
        """Name an object of this client's own."""
        return f"{self.client.name}/{name}"

    def ask(self, op: str, connect: Connect | None = None, **arguments: Any) -> dict[str, Any]:
        """Let the client do one thing, in the common bucket if nothing else is said."""
        return self.driver.ask(op, connect or self.connect, **{"bucket": BUCKET} | arguments)

    def put(self, key: str, body: bytes, connect: Connect | None = None, **arguments: Any) -> dict[str, Any]:
        """Store bytes."""
        return self.ask("put", connect, key=key, body=body, **{"content_type": "", "meta": {}} | arguments)

    def get(self, key: str, connect: Connect | None = None, **arguments: Any) -> bytes:
        """Read bytes."""
        return self.ask("get", connect, key=key, **arguments)["body"]

    def fails(self, what: str, act: Callable[[], object]) -> Failure:
        """Check that this raises the exception that belongs to the case."""
        with pytest.raises(Failure) as caught:
            act()
        wanted = expected(self.client.name, what)
        found = caught.value
        assert (found.exception, found.code, found.status) == (wanted.exception, wanted.code, wanted.status)
        return found


def one_face(body: bytes) -> list[dict[str, Any]]:
    """Read the answer of image/faces for the portrait."""
    answer = json.loads(body)
    assert set(answer) == {"RequestId", "Figures"}
    assert len(answer["Figures"]) == 1
    return answer["Figures"]


def without_request_id(body: bytes) -> bytes:
    """Blank out what differs from call to call."""
    return re.sub(rb'"RequestId": ?"[0-9A-F-]{36}"', b"", body)


def by_name(connect: Connect) -> Connect:
    """Reach the server by a name, before which most clients put the bucket."""
    return connect.but(endpoint=connect.endpoint.replace("127.0.0.1", "localhost"))


def b64(content: bytes) -> str:
    """Encode bytes inside a list of an argument."""
    return base64.b64encode(content).decode()

"""Requests as bytes, so that they can be mutated: a first line, headers, an empty line, a body. No HTTP is parsed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from oss_faces.values import WireRequest

VECTORS: Final = Path(__file__).parents[1] / "tests" / "vectors"
SECRETS: Final = ("FakeAccessKeySecret0123456789ab", "FakeTempSecret0123456789abcdef")
"""Those that the captured requests were signed with."""

RECEIVED_AT: Final = datetime(2026, 11, 22, 18, 54, 4, tzinfo=UTC)
"""When they came."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A request and its body."""

    request: WireRequest
    body: bytes


def read(data: bytes) -> Parted:
    """Make a request of any bytes."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    method, _, target = first.partition(" ")
    path, _, query = target.partition("?")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value) for name, _, value in pairs)
    return Parted(WireRequest(method, path, query, headers), body)


def write(case: dict[str, Any]) -> bytes:
    """Write a captured request in that form."""
    target = f"{case['path']}?{case['query']}" if case["query"] else case["path"]
    lines = [f"{case['method']} {target}", *(f"{name}:{value}" for name, value in case["headers"])]
    return ("\n".join(lines) + "\n\n").encode("latin-1")


def captured(pattern: str) -> tuple[dict[str, Any], ...]:
    """Read the requests that official SDKs were seen to send."""
    documents = [json.loads(file.read_text("utf-8")) for file in sorted(VECTORS.glob(pattern))]
    return tuple(case for document in documents for case in document["cases"])

"""What every Python driver shares: one JSON request on each line of stdin, one JSON answer on each line of stdout.

A driver is a small program around one official client. It does what it is asked with the client's own calls and tells
what came of it: `{"ok": true, ...}`, or the exception as a program of that language meets it. It judges nothing.
"""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

Request = Mapping[str, Any]
Answer = dict[str, Any]


def serve(operations: Mapping[str, Callable[[Request], Answer]], describe: Callable[[Exception], Answer]) -> None:
    """Answer every line until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **operations[request["op"]](request)}
        except Exception as error:  # noqa: BLE001  whatever the client raises is what the test wants to know
            answer = {"ok": False, **describe(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201  the protocol


def body(request: Request, name: str = "body") -> bytes:
    """Decode the bytes that a request brings."""
    return base64.b64decode(request[name])


def text(content: bytes) -> str:
    """Encode bytes for an answer."""
    return base64.b64encode(content).decode()


def class_name(error: BaseException) -> str:
    """Name an exception as a program would import it."""
    return f"{type(error).__module__}.{type(error).__qualname__}"

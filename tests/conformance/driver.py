"""One official client in a process of its own, spoken to in lines of JSON; see `clients/lines.py` for the protocol."""

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.running import REGION


@dataclass(frozen=True)
class Connect:
    """What a program changes to reach another server: where, who, and how it signs."""

    endpoint: str
    id: str
    secret: str
    signature: str = "v4"
    token: str = ""
    region: str = REGION

    def but(self, **changes: str) -> "Connect":
        return replace(self, **changes)


class Failure(Exception):  # noqa: N818  the word for it in every client
    """The exception of the client, as its program meets it.

    Attributes:
        exception: its class.
        outer: the class of the exception that holds it, where the client wraps it once more.
    """

    def __init__(self, exception: str, code: str | None = None, status: int | None = None, **rest: str) -> None:
        super().__init__(f"{exception} {code} {status}: {rest.get('message')}")
        self.exception, self.code, self.status = exception, code, status
        self.request_id, self.message = rest.get("request_id"), rest.get("message")
        self.outer = rest.get("outer", exception)


class Driver:
    """A running client. It answers one request at a time."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self.errors = folder / "stderr"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
        with self.errors.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=clean | environment
            )

    def ask(self, op: str, connect: Connect, **arguments: Any) -> dict[str, Any]:
        """Let the client do one thing.

        Raises:
            Failure: the client raised an exception.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"op": op, "connect": vars(connect), **arguments}
        self._process.stdin.write(json.dumps(request, default=_plain) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client broke down:\n{self.errors.read_text()}"
        answer = json.loads(line)
        if not answer.pop("ok"):
            raise Failure(**answer)
        if "body" in answer:
            answer["body"] = base64.b64decode(answer["body"])
        return answer

    def stop(self) -> None:
        """End the client."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


def _plain(value: object) -> str:
    assert isinstance(value, bytes | Path), f"no such argument: {value!r}"
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

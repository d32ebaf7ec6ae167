"""The official IMM client, pointed at a server of the tests."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from alibabacloud_imm20200930.client import Client
from alibabacloud_tea_openapi import models as open_api

from tests.running import RunningServer

Found = TypeVar("Found")
_LOOK_S = 0.1


def imm(server: RunningServer, scheme: str = "v3", **changes: Any) -> Client:
    """The official client, with its endpoint and protocol changed and nothing else."""
    values = {
        "access_key_id": server.access_key_id,
        "access_key_secret": server.access_key_secret,
        "region_id": "cn-hangzhou",
        "endpoint": server.endpoint.removeprefix("http://"),
        "protocol": "http",
        **changes,
    }
    algorithm = {"signature_algorithm": "v2"} if scheme == "v2" else {}
    return Client(open_api.Config(**values, **algorithm))


def await_it(look: Callable[[], Found | None], deadline_s: float = 600) -> Found:
    """Look again and again, as a program has to that waits for work in the background."""
    given_up = time.monotonic() + deadline_s
    pause = threading.Event()
    while not (found := look()):
        assert time.monotonic() < given_up, f"not done in {deadline_s} seconds"
        pause.wait(_LOOK_S)
    return found

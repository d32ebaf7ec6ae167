"""Whether the server should get requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from oss_faces.errors import OssFacesError

Check = Callable[[], Awaitable[None]]

_CHECK_S: Final = 5.0
OK: Final = "ok"


class Readiness:
    """The points that decide: it has begun, it is not ending, and every check passes.

    One look at a time, whoever asks; a check that takes too long has failed.

    Attributes:
        is_serving: set and cleared by who starts and stops the server.
    """

    def __init__(self, checks: Mapping[str, Check], check_s: float = _CHECK_S) -> None:
        self._checks = checks
        self._check_s = check_s
        self._looking = asyncio.Lock()
        self.is_serving = False

    async def findings(self) -> dict[str, str]:
        """Say `ok`, or what is wrong, for each point; never why, which is for the log."""
        found = {"serving": OK if self.is_serving else "starting or stopping"}
        async with self._looking:
            for name, check in self._checks.items():
                try:
                    async with asyncio.timeout(self._check_s):
                        await check()
                    found[name] = OK
                except (OssFacesError, TimeoutError):
                    found[name] = "not available"
        return found


def is_ready(findings: Mapping[str, str]) -> bool:
    """Tell whether nothing is wrong."""
    return set(findings.values()) == {OK}

"""Fetch one file over HTTP: bounded in size and time, and kept only when it is the one that was meant.

Nothing in a server fetches anything. This is for the command that a person gives.
"""

import hashlib
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Final

from oss_faces.errors import ModelUnavailable

_SECURE: Final = "https://"
_SCHEMES: Final = (_SECURE, "http://")
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may take at most.

    Attributes:
        size_bytes_max: of the file.
        silence_s: without a byte.
        whole_s: from the request to the last byte.
    """

    size_bytes_max: int = 1 << 30
    silence_s: float = 30.0
    whole_s: float = 3600.0


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects that stay with HTTP, and never from HTTPS to what anybody on the way can change."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Make the next request, as urllib asks for it.

        Raises:
            ModelUnavailable: it would leave HTTP, or HTTPS.
        """
        allowed = _SECURE if req.full_url.startswith(_SECURE) else _SCHEMES
        if not newurl.startswith(allowed):
            raise ModelUnavailable(f"{req.full_url} leads to {newurl}, which is not fetched.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, file: Path, sha256: str, limits: FetchLimits, clock: Callable[[], float]) -> None:
    """Write what lies at an address into a new file. After an error its content is worth nothing.

    Args:
        sha256: lower-case hex digest that the content must have.
        clock: monotonic seconds.

    Raises:
        ModelUnavailable: it cannot be had, is too large, takes too long, or is another file.
    """
    if not url.startswith(_SCHEMES):
        raise ModelUnavailable(f"Only http and https addresses can be fetched, not {url!r}.")
    try:
        digest, size_bytes, end = hashlib.sha256(), 0, clock() + limits.whole_s
        opener = urllib.request.build_opener(Redirects)
        with opener.open(url, timeout=limits.silence_s) as answer, file.open("xb") as out:
            # What has come, and no more is waited for: a server that drips would never let us look at the clock.
            while chunk := answer.read1(_CHUNK_BYTES):
                size_bytes += len(chunk)
                if size_bytes > limits.size_bytes_max:
                    raise ModelUnavailable(f"{url} is larger than {limits.size_bytes_max} bytes.")
                if clock() > end:
                    raise ModelUnavailable(f"{url} takes longer than {limits.whole_s:g} seconds.")
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except (OSError, HTTPException) as exc:
        raise ModelUnavailable(f"{url} cannot be fetched: {exc}") from exc
    require_digest(digest.hexdigest(), sha256, url)


def require_digest(found: str, wanted: str, where: str) -> None:
    """Refuse another file than the one that was meant.

    Raises:
        ModelUnavailable: names both digests.
    """
    if found != wanted:
        raise ModelUnavailable(f"{where} is another file than expected: sha256 {wanted} was meant, {found} was found.")

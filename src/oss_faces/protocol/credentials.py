"""Readers of single authentication fields that the schemes share."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from oss_faces.errors import InvalidAccessKeyId, InvalidArgument
from oss_faces.protocol.claims import Scheme
from oss_faces.protocol.encoding import Query
from oss_faces.values import WireRequest

_ACCESS_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
"""`STS.` keys have a dot. The length is a bound of ours; official ids have about 30 characters."""

ADDITIONAL_HEADERS_MAX: Final = 64

_HEADER_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^`|~-]+", re.ASCII)
"""A field name in lower case; OSS refuses underscores here (errors 0002-00000112 and 0002-00000211)."""

_UNIX_TIME: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_LAST_SECOND: Final = int(datetime(9998, 12, 31, tzinfo=UTC).timestamp())
"""Later ends of validity are all the same, and do not fit into a date."""


def is_access_key_id(text: str) -> bool:
    """Tell whether this can be the id of an access key at all."""
    return _ACCESS_KEY_ID.fullmatch(text) is not None


def check_access_key_id(access_key_id: str) -> str:
    """Return the id.

    Raises:
        InvalidAccessKeyId: characters that no id has (OSS error 0002-00000901).
    """
    if not is_access_key_id(access_key_id):
        raise InvalidAccessKeyId(ec="0002-00000901")
    return access_key_id


def read_token(request: WireRequest, query: Query, *parameters: str) -> str | None:
    """Return the security token of the headers or of these query parameters, None when there is none.

    The plain `security-token` header is what the SDK `alibabacloud-oss-v2` sends with V1.

    Raises:
        InvalidArgument: two different tokens.
    """
    headers = (request.header("x-oss-security-token"), request.header("security-token"))
    tokens = {token for token in (*headers, *(query.get(name) for name in parameters)) if token}
    if len(tokens) > 1:
        raise InvalidArgument("The request carries two different security tokens.")
    return tokens.pop() if tokens else None


def read_unix_time(name: str, text: str) -> datetime:
    """Read the end of a URL's validity, in seconds since 1970.

    Raises:
        InvalidArgument: no number.
    """
    if not _UNIX_TIME.fullmatch(text):
        raise InvalidArgument(f"{name} must be a UNIX time in seconds.", ec="0002-00000070")
    return datetime.fromtimestamp(min(int(text), _LAST_SECOND), UTC)


def read_additional_headers(request: WireRequest, text: str | None, scheme: Scheme) -> tuple[str, ...]:
    """Read the names of further signed headers, and sort them anew: oss2 signs them sorted and sends them as they are.

    Raises:
        InvalidArgument: an empty name, too many, or a header that is not there.
    """
    is_v4 = scheme is Scheme.V4
    if text is None:
        return ()
    if not text:
        raise InvalidArgument("AdditionalHeaders is empty.", ec="0002-00000209" if is_v4 else "0002-00000110")
    names = text.split(";")
    if not all(names) or len(names) > ADDITIONAL_HEADERS_MAX:
        raise InvalidArgument(
            "AdditionalHeaders has an empty name or too many.", ec="0002-00000210" if is_v4 else "0002-00000111"
        )
    for name in names:
        if not _HEADER_NAME.fullmatch(name) or request.header(name) is None:
            raise InvalidArgument(
                "AdditionalHeaders names a header that the request does not carry, or not in lower case.",
                ec="0002-00000211" if is_v4 else "0002-00000112",
            )
    return tuple(sorted(names))


def signed_headers(request: WireRequest, names: frozenset[str]) -> dict[str, str]:
    """Collect each `x-oss-` header and, where present, each of these; repeated ones joined by a comma.

    In one pass: a stranger chooses how many headers there are.
    """
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name.startswith("x-oss-") or name in names:
            values.setdefault(name, []).append(value.strip())
    return {name: ",".join(parts) for name, parts in values.items()}


def header_lines(headers: Mapping[str, str]) -> str:
    """Write `name:value` and a line feed for each header, sorted by name."""
    return "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))

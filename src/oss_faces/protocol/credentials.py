"""Readers of single authentication fields that the schemes share."""

import re
from collections.abc import Mapping
from typing import Final

from oss_faces.errors import InvalidAccessKeyId, InvalidArgument
from oss_faces.protocol.encoding import Query
from oss_faces.values import WireRequest

_ACCESS_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
"""`STS.` keys have a dot. The length is a bound of ours; official ids have about 30 characters."""


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

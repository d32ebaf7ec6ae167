"""Pages of IMM's lists: `MaxResults`, and `NextToken`, which says where a page ended.

A token carries a digest of that and of the question it belongs to: one that was damaged, or goes with another question,
is refused instead of giving a wrong page. It is no secret and opens nothing.
"""

import base64
import hashlib
from typing import Final

from oss_faces.errors import InvalidArgument
from oss_faces.request.imm_fields import Fields

_TOKEN_LENGTH_MAX: Final = 8192
_DIGEST_BYTES: Final = 9


def next_token(after: str, *question: str) -> str:
    """Wrap the end of a page as an opaque `NextToken`; no end, no token.

    Args:
        question: what has to be the same when the next page is asked for.
    """
    if not after:
        return ""
    content = after.encode()
    return base64.urlsafe_b64encode(_digest(content, question) + content).decode()


def read_after(fields: Fields, *question: str) -> str:
    """Undo `next_token`; no token is the beginning.

    Raises:
        InvalidArgument: that function has not written it, or to another question.
    """
    token = fields.text("NextToken", _TOKEN_LENGTH_MAX)
    if not token:
        return ""
    try:
        after = base64.b64decode(token.encode(), altchars=b"-_", validate=True)[_DIGEST_BYTES:].decode()
    except ValueError as exc:
        raise _invalid() from exc
    if next_token(after, *question) != token:
        raise _invalid()
    return after


def page_limit(fields: Fields, most: int, default: int = 100) -> int:
    """Read how many entries a page may have; as documented, 0 means the default."""
    return fields.whole("MaxResults", 0, most, default) or default


def _digest(content: bytes, question: tuple[str, ...]) -> bytes:
    lengths = "".join(f"{len(part)}:{part}" for part in question)
    return hashlib.sha256(lengths.encode("utf-8", "surrogatepass") + b"\n" + content).digest()[:_DIGEST_BYTES]


def _invalid() -> InvalidArgument:
    return InvalidArgument("The parameter NextToken is not valid.")

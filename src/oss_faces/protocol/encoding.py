"""Percent coding and query strings.

Text in, text out: a byte that is no UTF-8 becomes a lone surrogate (`surrogateescape`), so that a signature can be
computed over exactly the bytes that came. Everything is strict and bounded: a broken escape is an error, not a
literal percent sign.

Source: RFC 3986 sections 2.1 to 2.3; the blank as `+` is the form coding that Python's SDK writes into its queries.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from oss_faces.errors import InvalidArgument

QUERY_LENGTH_MAX: Final = 32 * 1024
"""Characters of a raw query. Security tokens, the longest values known, have about 2,000."""

PARAMETERS_MAX: Final = 256
"""Parameters of one query. The widest documented operation has about 20."""

_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def encode(text: str, safe: str = "") -> str:
    """Percent-encode all but the unreserved characters and those in `safe`; hexadecimal digits in upper case."""
    return quote_from_bytes(to_bytes(text), safe=safe)


def decode(text: str) -> str:
    """Undo `encode` on raw latin-1 text.

    Raises:
        InvalidArgument: a percent sign is not followed by two hexadecimal digits.
    """
    if _BROKEN_ESCAPE.search(text):
        raise InvalidArgument("The request target is not percent-encoded correctly.")
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """Give back the bytes that `decode` made this text of."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Query:
    """The decoded parameters of a request, in the order sent. `k` and `k=` are the same pair."""

    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Names of all parameters, with or without a value."""
        return frozenset(name for name, _ in self.pairs)

    def get(self, name: str) -> str | None:
        """Return the value of a parameter, or None when it is absent.

        Raises:
            InvalidArgument: it is given more than once, so that nobody can mean two things with one signature.
        """
        values = [value for key, value in self.pairs if key == name]
        if len(values) > 1:
            raise InvalidArgument("A query parameter is given more than once.", details={"ArgumentName": name})
        return values[0] if values else None


def parse_query(raw: str, length_max: int = QUERY_LENGTH_MAX, parameters_max: int = PARAMETERS_MAX) -> Query:
    """Split a raw query or form into decoded pairs; `+` is a blank, empty pieces between two `&` are dropped.

    Raises:
        InvalidArgument: too long, too many parameters, or a broken escape.
    """
    if len(raw) > length_max:
        raise InvalidArgument("The query string is too long.")
    pieces = [piece for piece in raw.split("&") if piece]
    if len(pieces) > parameters_max:
        raise InvalidArgument("The query string has too many parameters.")
    return Query(tuple(_pair(piece) for piece in pieces))


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.replace("+", " ").partition("=")
    return decode(name), decode(value)

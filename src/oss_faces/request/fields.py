"""Small fields that several requests have: keys, ACLs, numbers, XML bodies."""

import re
from collections.abc import Callable
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from oss_faces.errors import (
    InvalidArgument,
    InvalidObjectName,
    MalformedXML,
)
from oss_faces.protocol import Query
from oss_faces.values import DELETE_KEYS_MAX, KEY_BYTES_MAX, LIST_ENTRIES_MAX, Acl, Address

NUMBER: Final = re.compile(r"[0-9]{1,9}")

# DeleteMultipleObjects has three for each of its 1,000 keys.
XML_ELEMENTS_MAX: Final = 4 * DELETE_KEYS_MAX


def parse_acl(text: str | None, default: Acl) -> Acl:
    """Read an object ACL."""
    if not text:
        return default
    try:
        return Acl(text)
    except ValueError as exc:
        raise InvalidArgument(f"no such acl: {text[:64]}") from exc


def parse_encoding_type(text: str | None) -> bool:
    """Read `encoding-type`: only `url` exists."""
    if not text:
        return False
    if text.lower() != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request.")
    return True


def check_object(address: Address) -> Address:
    """Refuse keys that OSS refuses: empty, over 1,023 bytes, beginning with a backslash, not UTF-8."""
    try:
        length = len(address.key.encode())
    except UnicodeEncodeError as exc:
        raise InvalidObjectName from exc
    if not 1 <= length <= KEY_BYTES_MAX or address.key.startswith("\\"):
        raise InvalidObjectName
    return address


def is_true(text: str | None) -> bool:
    """Read a flag: only the word `true` sets it."""
    return (text or "").strip().lower() == "true"


class _SmallTree(TreeBuilder):
    """Builds a tree of at most so many elements; parsing goes no further than that."""

    def __init__(self, elements_max: int) -> None:
        super().__init__()
        self._elements_max = elements_max
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        """Open an element."""
        self._elements += 1
        if self._elements > self._elements_max:
            raise ValueError("too many elements")
        return super().start(tag, attrs)


def parse_xml(body: bytes, root_name: str, elements_max: int = XML_ELEMENTS_MAX) -> Element:
    """Parse a small XML body; entities and external references are refused by the library."""
    make_parser: Callable[..., Any] = ElementTree.DefusedXMLParser
    parser = make_parser(target=_SmallTree(elements_max))
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise MalformedXML from exc
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag != root_name:
        raise MalformedXML
    return root


def key_text(query: Query, name: str) -> str:
    """Read a text that is compared with keys: as long as a key can be, and UTF-8 like a key."""
    text = query.get(name) or ""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as exc:
        raise InvalidArgument(f"The {name} is not UTF-8.") from exc
    if length > KEY_BYTES_MAX:
        raise InvalidArgument(f"The {name} is longer than {KEY_BYTES_MAX} bytes.")
    return text


def max_keys(query: Query, default: int, name: str = "max-keys") -> int:
    """Read `max-keys`, or its like: 1 to `LIST_ENTRIES_MAX`, or the default when it is not given."""
    text = query.get(name) or ""
    if not text:
        return default
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= LIST_ENTRIES_MAX:
        raise InvalidArgument(f"{name} must be between 1 and {LIST_ENTRIES_MAX}.")
    return int(text)

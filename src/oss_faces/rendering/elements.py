"""Small parts of the XML bodies of OSS, and how a body is written."""

import re
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def texts(parent: Element, **fields: str) -> None:
    """Add an element with text for each field."""
    for name, text in fields.items():
        SubElement(parent, name).text = _printable(text)


def shown_name(text: str, *, encode_url: bool) -> str:
    """Write a key, or a part of one, as the request asks for it."""
    return quote(text, safe="") if encode_url else text


def document_bytes(root: Element) -> bytes:
    """Write a document: prolog required, no name space (PHP and both Python SDKs depend on it)."""
    document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    # A parser reads a bare carriage return as a line feed: another key.
    document = document.replace(b"\r", b"&#13;")
    return document.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', 1)


def _printable(text: str) -> str:
    """Replace what XML 1.0 cannot write: most control characters, and bytes that were no UTF-8.

    Listings of such keys need `encoding-type=url`.
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)

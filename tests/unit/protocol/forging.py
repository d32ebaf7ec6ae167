"""What a signature covers of a request, read independently of the code under test, and changed requests."""

import dataclasses
import re
from urllib.parse import unquote_plus, unquote_to_bytes

from oss_faces.protocol.signing import read_claim
from oss_faces.protocol.signing_v1 import SUBRESOURCES


def signed_headers(vector):
    """Name the headers that the request's signature covers, without the Authorization header itself."""
    claim = read_claim(vector.request)
    names = {name for name, _ in vector.request.headers}
    if vector.presigned:
        names -= {"date"}
    covered = {name for name in names if name.startswith("x-oss-")} | (names & {"content-type", "content-md5"})
    if vector.scheme == "V4":
        return covered | set(claim.additional_headers) | (set() if "x-oss-date" in names else {"date"} & names)
    return covered | set(claim.additional_headers) | (names & {"date"})


def with_header(request, name, value):
    """Give the request with this header changed."""
    headers = tuple((key, value if key == name else old) for key, old in request.headers)
    return dataclasses.replace(request, headers=headers)


def meaning(vector, request):
    """Say what the scheme signs of a request, read independently of the code under test.

    What is left out here is what a scheme by design does not sign:
      - how a byte of path or query is spelled (`%2F` or `%2f`, `a` or `%61`), and the order of the parameters;
      - V1: query parameters that are no sub-resources (`prefix`, `max-keys`, `list-type`, `encoding-type`, ...);
      - blanks around a header's value, and behind the commas of the Authorization header.
    Other headers (User-Agent, Range, the Date beside an x-oss-date in V4) and the Host beyond its bucket are not
    forged above for the same reason.
    """
    parameters = [piece.partition("=") for piece in request.query.split("&") if piece]
    pairs = sorted((unquote_plus(name), unquote_plus(value)) for name, _, value in parameters)
    if vector.scheme == "V1":
        signed = SUBRESOURCES | {"OSSAccessKeyId", "Expires", "Signature"}
        pairs = [pair for pair in pairs if pair[0] in signed or pair[0].startswith("x-oss-")]
    headers = {
        name: without_blanks(name, request.header(name).strip())
        for name in signed_headers(vector) | {"authorization"}
        if request.header(name)
    }
    return request.method, unquote_to_bytes(request.path), pairs, headers


def is_broken(request):
    """Tell whether a percent sign is not followed by two hexadecimal digits: refused whatever it means."""
    return bool(re.search(r"%(?![0-9A-Fa-f]{2})", request.path + "?" + request.query))


def without_blanks(name, value):
    """Leave out the blanks that stand between the fields of an Authorization header."""
    return value.replace(", ", ",") if name == "authorization" else value

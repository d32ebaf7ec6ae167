"""For each client and each scheme that it has, one captured request: every changed byte of a signed part is refused."""

import dataclasses
from collections import Counter

import pytest

from oss_faces.errors import RequestError
from oss_faces.protocol.signing import read_claim
from tests.unit.protocol.forging import is_broken, meaning, signed_headers

CHANGED = (
    "oss2/get_process_v4_addhdr",
    "oss2/presign_process_v4sts_ip",
    "oss2/get_process_v2_ip",
    "oss2/presign_process_v2_ip",
    "oss2/get_process_v1sts_ip",
    "oss2/presign_process_v1_ip",
    "alibabacloud-oss-v2/get_process_v4_sts",
    "alibabacloud-oss-v2/presign_process_v4",
    "alibabacloud-oss-v2/get_object_meta_v1",
    "ali-oss/get_process_v4_domain",
    "ali-oss/presign_process_v4_host_signed",
    "ali-oss/put_v1",
    "ali-oss/presign_process_v1_domain",
    "written-from-sources/go_v1_get_process_v4_header",
    "written-from-sources/java_get_process_v4_header",
    "written-from-sources/php_get_process_v4_header",
    "written-from-sources/presigned_v4_process",
    "written-from-sources/v1_header_process",
    "written-from-sources/v1_presigned_process",
)

BITS = tuple(1 << place for place in range(8))


def others(character):
    """Give the characters that one changed bit makes of this one, and the letter of the other case."""
    flipped = {chr(ord(character) ^ bit) for bit in BITS}
    return sorted((flipped | {character.swapcase()} - {character}) - {character})


def changes(text):
    """Give the text with each byte changed, and with each byte left out."""
    for place, character in enumerate(text):
        for other in others(character):
            yield text[:place] + other + text[place + 1 :]
        yield text[:place] + text[place + 1 :]


def forgeries(vector):
    """Give (part, forged request) for every change of one byte in a signed part, names of headers included."""
    request = vector.request
    for method in changes(request.method):
        yield "method", dataclasses.replace(request, method=method)
    target = f"{request.path}?{request.query}" if request.query else request.path
    for changed in changes(target):
        path, _, query = changed.partition("?")
        yield "target", dataclasses.replace(request, path=path, query=query)
    for name in sorted(signed_headers(vector) | {"authorization"}):
        value = request.header(name)
        if value is None:
            continue
        for other in changes(value):
            yield "value", with_header(request, name, name, other)
        # Upper or lower case is one and the same name, and the server hands them on in lower case.
        for other in {other.lower() for other in changes(name)} - {name}:
            yield "name", with_header(request, name, other, value)


def with_header(request, name, new_name, value):
    headers = tuple((new_name, value) if key == name else (key, old) for key, old in request.headers)
    return dataclasses.replace(request, headers=headers)


def is_anonymous(request):
    """Tell whether the change took away every sign of a signature: such a request is nobody's."""
    try:
        return read_claim(request) is None
    except RequestError:
        return False


@pytest.mark.parametrize("name", CHANGED)
def test_every_changed_byte_is_refused(vectors, name):
    """A request with one changed or missing byte in what is signed is refused, unless the byte means the same."""
    vector = next(vector for vector in vectors if vector.name == name)
    meant = meaning(vector, vector.request)
    refused, passed = Counter(), Counter()
    assert vector.verify() == vector.address
    for part, forged in forgeries(vector):
        if not is_broken(forged) and meaning(vector, forged) == meant:
            assert vector.verify(forged) == vector.address, (part, forged)
            passed[part] += 1
            continue
        refused[part] += 1
        if not is_anonymous(forged):
            with pytest.raises(RequestError):
                vector.verify(forged)
    assert set(refused) >= {"method", "target"} | ({"value", "name"} if not vector.presigned else set())
    # The same byte spelled in another way: hexadecimal digits of the other case, a `+` for a blank, a second `&`.
    assert set(passed) <= {"target", "value"}
    assert sum(passed.values()) <= 0.03 * sum(refused.values()), passed

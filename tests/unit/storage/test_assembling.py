"""Checksums and rules of objects that are put together."""

import pytest
from fastcrc import crc64
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.storage.assembling import fingerprint_after_append, joined_crc64
from oss_faces.storage.receiving import Fingerprinter


@given(first=st.binary(max_size=200), second=st.binary(max_size=200))
def test_joined_checksum_is_that_of_the_joined_bytes(first, second):
    """The checksum of two contents in a row is computed without their bytes."""
    assert joined_crc64(crc64.xz(first), crc64.xz(second), len(second)) == crc64.xz(first + second)


@pytest.mark.parametrize("size_bytes", [1, 255, 256, 65_537, 5 * 1024 * 1024])
def test_joined_checksum_of_long_contents(size_bytes):
    """The length of the second content has its full weight."""
    second = bytes(size_bytes)
    assert joined_crc64(crc64.xz(b"first"), crc64.xz(second), size_bytes) == crc64.xz(b"first" + second)


def test_etag_after_an_append_names_content_and_history():
    """The same pieces give the same ETag, others another."""

    def of(*pieces):
        prints = []
        for piece in pieces:
            made = Fingerprinter()
            made.add(piece)
            prints.append(made.result())
        whole = prints[0]
        for following in prints[1:]:
            whole = fingerprint_after_append(whole, following)
        return whole.etag

    assert of(b"a", b"b", b"c") == of(b"a", b"b", b"c")
    assert len({of(b"a", b"b"), of(b"b", b"a"), of(b"ab"), of(b"a", b"b", b""), of(b"a", b"c")}) == 5

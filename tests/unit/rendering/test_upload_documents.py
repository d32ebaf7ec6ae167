"""The XML bodies of multipart uploads, letter by letter, and as the official SDK reads them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from oss2 import xml_utils

from oss_faces.rendering import Identity, upload_documents
from oss_faces.request import BeginUpload, CompleteUpload, ListParts, ListUploads, UploadAddress
from oss_faces.values import Acl, Address, ObjectHeaders, ObjectMeta, ObjectType, Part, Upload

PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>\n'
MOMENT = datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
ETAG = "D41D8CD98F00B204E9800998ECF8427E"
IDENTITY = Identity("cn-hangzhou", "4711", "127.0.0.1:9000")
KEY = "dir/ä b"
WHERE = UploadAddress(Address("photos", KEY), "1F")
PARTS = (Part(1, 5, ETAG, 7, MOMENT), Part(3, 6, ETAG, 8, MOMENT))


def read(parse, body):
    """Let the SDK read a document."""
    assert body.startswith(PROLOG)
    result = SimpleNamespace(parts=[], upload_list=[], prefix_list=[])
    return parse(result, body)


@pytest.mark.parametrize(("encode_url", "key"), [(False, "<Key>dir/ä b</Key>"), (True, "<Key>dir%2F%C3%A4%20b</Key>")])
def test_the_beginning(encode_url, key):
    """Bucket, key and the id of the upload."""
    want = BeginUpload(WHERE.object, ObjectHeaders(), Acl.DEFAULT, forbid_overwrite=False, encode_url=encode_url)
    body = upload_documents.upload_begun(want, Upload(KEY, "1F", MOMENT))
    encoding = "<EncodingType>url</EncodingType>" if encode_url else ""
    assert body.removeprefix(PROLOG).decode() == (
        f"<InitiateMultipartUploadResult>{encoding}<Bucket>photos</Bucket>{key}<UploadId>1F</UploadId>"
        "</InitiateMultipartUploadResult>"
    )
    assert read(xml_utils.parse_init_multipart_upload, body).upload_id == "1F"


def test_a_copied_part():
    """Time and ETag of the part."""
    assert upload_documents.part_copied(PARTS[0]).removeprefix(PROLOG).decode() == (
        f'<CopyPartResult><LastModified>2015-12-05T11:10:29.000Z</LastModified><ETag>"{ETAG}"</ETag></CopyPartResult>'
    )


def test_the_end():
    """Location, bucket, key and ETag of the object."""
    meta = ObjectMeta(KEY, 11, f"{ETAG}-2", 9, "text/plain", MOMENT, object_type=ObjectType.MULTIPART)
    want = CompleteUpload(WHERE, None, None, forbid_overwrite=False, encode_url=False)
    assert upload_documents.upload_completed(want, meta, IDENTITY).removeprefix(PROLOG).decode() == (
        "<CompleteMultipartUploadResult><Location>http://127.0.0.1:9000/photos/dir/%C3%A4%20b</Location>"
        f'<Bucket>photos</Bucket><Key>dir/ä b</Key><ETag>"{ETAG}-2"</ETag></CompleteMultipartUploadResult>'
    )


@pytest.mark.parametrize(("next_marker", "is_truncated"), [(0, False), (3, True)])
def test_a_list_of_parts(next_marker, is_truncated):
    """Every part with number, time, ETag, checksum and size; the SDK finds the marker on every page."""
    body = upload_documents.part_list(ListParts(WHERE, 0, 2, encode_url=False), PARTS, next_marker)
    found = read(xml_utils.parse_list_parts, body)
    assert (found.is_truncated, found.next_marker) == (is_truncated, "3")
    assert [(part.part_number, part.etag, part.size) for part in found.parts] == [(1, ETAG, 5), (3, ETAG, 6)]
    assert {part.last_modified for part in found.parts} == {int(MOMENT.timestamp())}
    assert b"<HashCrc64ecma>7</HashCrc64ecma>" in body


def test_an_empty_list_of_parts():
    """A page without parts has the marker that was asked for."""
    found = read(xml_utils.parse_list_parts, upload_documents.part_list(ListParts(WHERE, 9, 2, encode_url=True), (), 0))
    assert (found.parts, found.next_marker, found.is_truncated) == ([], "9", False)


@pytest.mark.parametrize("encode_url", [False, True])
def test_a_list_of_uploads(encode_url):
    """Uploads and folded keys, the markers of the next page, and what was asked for."""
    want = ListUploads("photos", "di", "/", "", "", 5, encode_url=encode_url)
    body = upload_documents.upload_list(want, (Upload(KEY, "1F", MOMENT),), ("dir/ö/",), (KEY, "1F"))
    found = read(xml_utils.parse_list_multipart_uploads, body)
    assert (found.is_truncated, found.next_key_marker, found.next_upload_id_marker) == (True, KEY, "1F")
    [upload] = found.upload_list
    assert (upload.key, upload.upload_id, upload.initiation_date) == (KEY, "1F", int(MOMENT.timestamp()))
    assert found.prefix_list == ["dir/ö/"]


def test_the_last_list_of_uploads():
    """The last page has empty markers, without which the SDK cannot read it."""
    want = ListUploads("photos", "", "", "", "", 5, encode_url=False)
    found = read(xml_utils.parse_list_multipart_uploads, upload_documents.upload_list(want, (), (), ("", "")))
    assert (found.is_truncated, found.next_key_marker, found.next_upload_id_marker) == (False, "", "")

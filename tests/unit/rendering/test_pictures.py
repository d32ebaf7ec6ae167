import json
from dataclasses import replace
from datetime import UTC, datetime

from fastcrc import crc64

from oss_faces.rendering import headers, pictures
from oss_faces.values import Address, ImageSize, ObjectMeta, PictureFacts

NOON = datetime(2015, 12, 5, 11, 10, 29, tzinfo=UTC)
META = ObjectMeta("a.jpg", 21839, "ABCDEF", 17, "image/jpeg", NOON)
FACTS = PictureFacts("jpeg", ImageSize(400, 267), 21839)


def test_facts_are_texts():
    """As the documentation shows it: each value is a text in an object of its own."""
    assert pictures.info_body(FACTS) == (
        b'{"FileSize":{"value":"21839"},"Format":{"value":"jpg"},'
        b'"ImageHeight":{"value":"267"},"ImageWidth":{"value":"400"}}'
    )


def test_entries_of_the_camera_are_among_them():
    """In the order of their names, and none of them replaces what the file itself says."""
    facts = replace(FACTS, exif=(("Orientation", "7"), ("ImageWidth", "1"), ("DateTime", "2015:02:11 15:38:27 \u00e9")))
    shown = json.loads(pictures.info_body(facts))
    assert list(shown) == ["DateTime", "FileSize", "Format", "ImageHeight", "ImageWidth", "Orientation"]
    assert shown["ImageWidth"] == {"value": "400"}
    assert shown["DateTime"] == {"value": "2015:02:11 15:38:27 \u00e9"}


def test_only_an_animation_has_frames():
    """Their number is known of a GIF."""
    assert json.loads(pictures.info_body(replace(FACTS, format="gif", frames=3)))["FrameCount"] == {"value": "3"}
    assert "FrameCount" not in json.loads(pictures.info_body(replace(FACTS, format="gif")))


def test_saved_object():
    """Names as they are, the size as a number."""
    assert json.loads(pictures.saved_body(Address("photos", "\u00e4.jpg"), META)) == {
        "bucket": "photos",
        "object": "\u00e4.jpg",
        "fileSize": 21839,
        "status": "OK",
    }


def test_headers_of_what_was_made():
    """The source's ETag and date, and the checksum of the bytes that are sent."""
    shown = dict(headers.processed_headers(META, b"made", "image/webp"))
    assert (shown["Content-Type"], shown["ETag"]) == ("image/webp", '"ABCDEF"')
    assert shown["Last-Modified"] == "Sat, 05 Dec 2015 11:10:29 GMT"
    assert shown["x-oss-hash-crc64ecma"] == str(crc64.xz(b"made"))

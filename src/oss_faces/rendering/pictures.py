"""The JSON of the picture operations other than faces. Source: OSS "Query image information", "ProcessObject"."""

import json
from collections.abc import Mapping
from typing import Final

from oss_faces.values import Address, ObjectMeta, PictureFacts

FORMAT_NAMES: Final[Mapping[str, str]] = {"jpeg": "jpg"}


def info_body(facts: PictureFacts) -> bytes:
    """Write the answer of `image/info`: every value is a text, and the names are in order.

    What the file itself says goes before an EXIF entry of the same name.
    """
    fields = dict(facts.exif) | {
        "FileSize": str(facts.size_bytes),
        "Format": FORMAT_NAMES.get(facts.format, facts.format),
        "ImageHeight": str(facts.size.height),
        "ImageWidth": str(facts.size.width),
    }
    if facts.frames > 1:
        fields["FrameCount"] = str(facts.frames)
    return _json({name: {"value": fields[name]} for name in sorted(fields)})


def saved_body(target: Address, meta: ObjectMeta) -> bytes:
    """Write the answer of ProcessObject."""
    return _json({"bucket": target.bucket, "fileSize": meta.size_bytes, "object": target.key, "status": "OK"})


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

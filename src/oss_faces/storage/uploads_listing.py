from collections.abc import Iterable
from itertools import islice

from oss_faces.storage.naming import utf8
from oss_faces.storage.uploads import UploadPage, UploadQuery
from oss_faces.values import Upload


def upload_page(uploads: Iterable[Upload], query: UploadQuery) -> UploadPage:
    """Build one page of a listing of uploads out of all of a bucket, of which no store keeps many.

    Raises:
        InvalidArgument: prefix, marker or delimiter cannot be UTF-8.
    """
    prefix, delimiter = utf8(query.prefix, "prefix"), utf8(query.delimiter, "delimiter")
    marker = utf8(query.key_marker, "key-marker")
    entries: dict[tuple[bytes, str], Upload | None] = {}
    for upload in sorted(uploads, key=_place):
        key, upload_id = _place(upload)
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        if cut >= 0:
            entries[key[: cut + len(delimiter)], ""] = None
        else:
            entries[key, upload_id] = upload
    behind = ((place, entry) for place, entry in entries.items() if _is_behind(place, marker, query.upload_id_marker))
    found = list(islice(behind, query.max_uploads + 1))
    shown = found[: query.max_uploads]
    last_key, last_id = shown[-1][0] if len(found) > len(shown) else (b"", "")
    return UploadPage(
        uploads=tuple(entry for _, entry in shown if entry is not None),
        common_prefixes=tuple(key.decode() for (key, _), entry in shown if entry is None),
        next_key_marker=last_key.decode(),
        next_upload_id_marker=last_id,
    )


def _place(upload: Upload) -> tuple[bytes, str]:
    return upload.key.encode(), upload.upload_id


def _is_behind(place: tuple[bytes, str], key_marker: bytes, upload_id_marker: str) -> bool:
    key, upload_id = place
    if key != key_marker:
        return key > key_marker
    return bool(upload_id_marker) and upload_id > upload_id_marker

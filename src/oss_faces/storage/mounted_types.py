"""What a file says about itself by its name, and what it cannot hold."""

import mimetypes
from typing import Final

from oss_faces.errors import NotImplementedOnServer
from oss_faces.values import DEFAULT_CONTENT_TYPE, Acl, ObjectHeaders

# Built without the lists of the system, so that every machine tells the same types.
_TYPES: Final = mimetypes.MimeTypes(filenames=())
_PICTURES: Final = {".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif", ".webp": "image/webp"}
for _extension, _type in _PICTURES.items():
    _TYPES.add_type(_type, _extension)
_ENCODED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def content_type_of(key: str) -> str:
    """Tell the content type by the extension of the name."""
    guessed, encoding = _TYPES.guess_type(f"/{key}")
    if encoding is not None:
        return _ENCODED.get(encoding, DEFAULT_CONTENT_TYPE)
    return guessed or DEFAULT_CONTENT_TYPE


def require_plain_write(headers: ObjectHeaders | None, acl: Acl) -> None:
    """Refuse what would be lost in a folder. The content type follows from the name and may be any.

    Raises:
        NotImplementedOnServer.
    """
    if headers is not None and headers.user:
        raise NotImplementedOnServer("This bucket is a folder, which keeps no user metadata (x-oss-meta-).")
    if headers is not None and headers.standard:
        names = ", ".join(sorted(headers.standard))
        raise NotImplementedOnServer(f"This bucket is a folder, which does not keep these headers: {names}.")
    require_no_acl(acl)


def require_no_acl(acl: Acl) -> None:
    """Refuse an ACL of an object's own; that of the bucket holds for everything in a mounted bucket.

    Raises:
        NotImplementedOnServer.
    """
    if acl is not Acl.DEFAULT:
        raise NotImplementedOnServer("Objects of a mounted bucket have no ACL of their own.")

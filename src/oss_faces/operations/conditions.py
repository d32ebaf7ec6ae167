"""Preconditions of HTTP on a stored object."""

from datetime import datetime

from oss_faces.errors import NotModified, PreconditionFailed
from oss_faces.request import Conditions
from oss_faces.values import ObjectMeta


def check(conditions: Conditions, meta: ObjectMeta) -> None:
    """Refuse when a precondition does not hold. An ETag condition goes before a date, as RFC 9110 section 13 has it.

    Raises:
        PreconditionFailed: If-Match or If-Unmodified-Since does not hold.
        NotModified: If-None-Match or If-Modified-Since says that the caller's copy is current.
    """
    if conditions.if_match:
        if not _names(conditions.if_match, meta.etag):
            raise PreconditionFailed
    elif conditions.if_unmodified_since is not None and meta.last_modified > conditions.if_unmodified_since:
        raise PreconditionFailed
    if conditions.if_none_match:
        if _names(conditions.if_none_match, meta.etag):
            raise NotModified(details={"ETag": meta.etag})
    elif _is_unchanged(meta, conditions.if_modified_since):
        raise NotModified(details={"ETag": meta.etag})


def _names(etags: tuple[str, ...], etag: str) -> bool:
    return "*" in etags or etag in etags


def _is_unchanged(meta: ObjectMeta, since: datetime | None) -> bool:
    return since is not None and meta.last_modified <= since

"""Who may do what. Grants per key come with key management; until then a key may do everything.

An anonymous caller may do only what an ACL opens, and never image/faces, whatever the ACL says.
"""

from typing import Final

from oss_faces.errors import AccessDenied
from oss_faces.values import Acl, BucketMeta, ObjectMeta, Principal

_READABLE: Final = frozenset({Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE})
_ANONYMOUS_FORBIDDEN: Final = "Anonymous access is forbidden for this operation."
_ANONYMOUS_EC: Final = "0003-00000905"


def require_signed(principal: Principal) -> None:
    """Refuse anonymous callers.

    Raises:
        AccessDenied: with the text that OSS uses for operations that are never open to everyone.
    """
    if principal.is_anonymous:
        raise AccessDenied(_ANONYMOUS_FORBIDDEN, ec=_ANONYMOUS_EC)


def require_read(principal: Principal, bucket: BucketMeta, meta: ObjectMeta) -> None:
    """Let anonymous callers read what is public; the object's own ACL goes before the bucket's."""
    acl = bucket.acl if meta.acl is Acl.DEFAULT else meta.acl
    if principal.is_anonymous and acl not in _READABLE:
        raise AccessDenied("You have no right to access this object because of bucket acl.")


def require_list(principal: Principal, bucket: BucketMeta) -> None:
    """Let anonymous callers list what is public."""
    if principal.is_anonymous and bucket.acl not in _READABLE:
        raise AccessDenied("You have no right to access this object because of bucket acl.")


def require_write(principal: Principal, bucket: BucketMeta) -> None:
    """Let anonymous callers write where everyone may."""
    if principal.is_anonymous and bucket.acl is not Acl.PUBLIC_READ_WRITE:
        raise AccessDenied("You have no right to access this object because of bucket acl.")


def require_replace(principal: Principal, meta: ObjectMeta) -> None:
    """Keep anonymous callers from what has a stricter ACL of its own, also in a bucket where everyone may write."""
    if principal.is_anonymous and meta.acl not in (Acl.DEFAULT, Acl.PUBLIC_READ_WRITE):
        raise AccessDenied("You have no right to access this object because of object acl.")

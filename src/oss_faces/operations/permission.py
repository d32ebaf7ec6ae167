"""Who may do what: the grants of the caller's key first, then what an ACL opens to everyone.

`require` is for operations that no ACL opens; the others ask for reading, listing, writing and replacing. A signed
caller may do at least what an anonymous one may. `image/faces` is never open to everyone, whatever the ACL says.
"""

from collections.abc import Mapping
from typing import Final

from oss_faces.errors import AccessDenied
from oss_faces.grants import Permission
from oss_faces.values import Acl, BucketMeta, ObjectMeta, Principal

_READABLE: Final = frozenset({Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE})
_ANONYMOUS_FORBIDDEN: Final = "Anonymous access is forbidden for this operation."
_ANONYMOUS_EC: Final = "0003-00000905"
_BY_BUCKET_ACL: Final = "You have no right to access this object because of bucket acl."
_BY_OBJECT_ACL: Final = "You have no right to access this object because of object acl."
_OBJECT: Final = "You have no right to access this object."
_BUCKET: Final = "The bucket you access does not belong to you."
_SERVICE: Final = "You have no right to perform this operation."


def require(principal: Principal, permission: Permission, bucket: str = "", key: str = "") -> None:
    """Refuse anonymous callers, and keys whose grants do not cover this.

    Args:
        bucket: what it is about; empty for what is about the service.
        key: the object, or the prefix that is listed; empty for what is about the bucket itself.

    Raises:
        AccessDenied: it names the permission that is missing, unless the caller is anonymous.
    """
    if principal.is_anonymous:
        raise AccessDenied(_ANONYMOUS_FORBIDDEN, ec=_ANONYMOUS_EC)
    if not principal.rights.cover(permission, bucket, key):
        message = _OBJECT if key else _BUCKET if bucket else _SERVICE
        raise AccessDenied(message, details=_missing(principal, permission))


def require_read(principal: Principal, bucket: BucketMeta, meta: ObjectMeta) -> None:
    """Let those read whose grants say so, and everyone what is public; the object's own ACL goes before the bucket's.

    Raises:
        AccessDenied.
    """
    acl = bucket.acl if meta.acl is Acl.DEFAULT else meta.acl
    if acl not in _READABLE and not principal.rights.cover(Permission.GET_OBJECT, bucket.name, meta.key):
        raise _closed(principal, Permission.GET_OBJECT, _BY_BUCKET_ACL, _OBJECT)


def require_absence(principal: Principal, bucket: BucketMeta, key: str) -> None:
    """Let only those know that there is no such object who could read it, or see it in a listing.

    Raises:
        AccessDenied.
    """
    if not principal.rights.cover(Permission.GET_OBJECT, bucket.name, key):
        require_list(principal, bucket, key)


def require_list(principal: Principal, bucket: BucketMeta, prefix: str) -> None:
    """Let those list whose grants cover the prefix, and everyone what is public.

    Raises:
        AccessDenied.
    """
    if bucket.acl not in _READABLE and not principal.rights.cover(Permission.LIST_OBJECTS, bucket.name, prefix):
        raise _closed(principal, Permission.LIST_OBJECTS, _BY_BUCKET_ACL, _OBJECT if prefix else _BUCKET)


def is_granted(principal: Principal, permission: Permission, bucket: BucketMeta, key: str) -> bool:
    """Tell whether the caller's own grants allow to write, so that no ACL needs to be asked."""
    return principal.rights.cover(permission, bucket.name, key)


def require_write(principal: Principal, permission: Permission, bucket: BucketMeta) -> None:
    """Let whoever has no grant for it write, or delete, where everyone may.

    Raises:
        AccessDenied.
    """
    if bucket.acl is not Acl.PUBLIC_READ_WRITE:
        raise _closed(principal, permission, _BY_BUCKET_ACL, _OBJECT)


def require_replace(principal: Principal, permission: Permission, meta: ObjectMeta) -> None:
    """Keep the same callers from what has a stricter ACL of its own, also in a bucket where everyone may write.

    Raises:
        AccessDenied.
    """
    if meta.acl not in (Acl.DEFAULT, Acl.PUBLIC_READ_WRITE):
        raise _closed(principal, permission, _BY_OBJECT_ACL, _OBJECT)


def _closed(principal: Principal, permission: Permission, anonymous: str, signed: str) -> AccessDenied:
    if principal.is_anonymous:
        return AccessDenied(anonymous)
    return AccessDenied(signed, details=_missing(principal, permission))


def _missing(principal: Principal, permission: Permission) -> Mapping[str, str]:
    """Say what is missing, to one who has signed: which permission, and that nothing grants it."""
    kind = "AssumedRoleUser" if principal.parent_id else "SubUser"
    return {"AuthAction": permission.value, "AuthPrincipalType": kind, "NoPermissionType": "ImplicitDeny"}

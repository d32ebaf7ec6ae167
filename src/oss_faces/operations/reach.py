"""What a caller can reach in a store: questions to the permissions that need to look at what is there."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

from oss_faces.errors import NoSuchKey
from oss_faces.grants import Permission
from oss_faces.operations import conditions, permission
from oss_faces.request import Conditions
from oss_faces.storage import Buckets, ObjectReader
from oss_faces.values import Address, ObjectMeta, Principal


class Store(Buckets, ObjectReader, Protocol):
    """The parts of a store that these questions need."""


async def require_write(
    store: Store, principal: Principal, wanted: Permission, bucket_name: str, keys: Iterable[str]
) -> None:
    """Ask the caller's grants; where they say nothing, the bucket, and each object that is there already.

    Raises:
        AccessDenied, NoSuchBucket.
    """
    bucket = await store.get_bucket(bucket_name)
    for key in keys:
        if permission.is_granted(principal, wanted, bucket, key):
            continue
        permission.require_write(principal, wanted, bucket)
        with suppress(NoSuchKey):
            permission.require_replace(principal, wanted, await store.head(bucket_name, key))


async def find_source(store: Store, principal: Principal, source: Address, wanted: Conditions) -> ObjectMeta:
    """Find the source of a copy, as far as the caller may read it.

    Raises:
        AccessDenied, NoSuchBucket, NoSuchKey, PreconditionFailed, NotModified.
    """
    bucket = await store.get_bucket(source.bucket)
    try:
        meta = await store.head(source.bucket, source.key)
    except NoSuchKey:
        permission.require_absence(principal, bucket, source.key)
        raise
    permission.require_read(principal, bucket, meta)
    conditions.check(wanted, meta)
    return meta

"""What can be done with buckets, whatever the wire looks like."""

from dataclasses import dataclass

from oss_faces.grants import Permission
from oss_faces.operations import permission
from oss_faces.request import ListBuckets, PutBucket
from oss_faces.storage import BucketPage
from oss_faces.storage import Buckets as BucketStore
from oss_faces.values import Acl, BucketMeta, Principal


@dataclass(frozen=True, slots=True)
class Buckets:
    """The bucket operations over one store. All keys of an installation belong to one owner."""

    store: BucketStore
    owner: str

    async def list(self, principal: Principal, want: ListBuckets) -> BucketPage:
        """List the owner's buckets (ListBuckets)."""
        permission.require(principal, Permission.LIST_BUCKETS)
        return await self.store.list_buckets(want.prefix, want.marker, want.max_keys)

    def require_put(self, principal: Principal, name: str) -> None:
        """Refuse whoever may not make this bucket, before a body is read and understood.

        Raises:
            AccessDenied.
        """
        permission.require(principal, Permission.PUT_BUCKET, name)

    async def put(self, principal: Principal, want: PutBucket) -> BucketMeta:
        """Make a bucket; one that exists is kept, with the ACL replaced when one is given (PutBucket)."""
        self.require_put(principal, want.bucket)
        return await self.store.create_bucket(want.bucket, self.owner, want.acl)

    async def get(self, principal: Principal, name: str, wanted: Permission) -> BucketMeta:
        """Describe a bucket (GetBucketInfo, GetBucketLocation, GetBucketAcl: `wanted` says which)."""
        permission.require(principal, wanted, name)
        return await self.store.get_bucket(name)

    async def set_acl(self, principal: Principal, name: str, acl: Acl) -> None:
        """Replace a bucket's ACL (PutBucketAcl)."""
        permission.require(principal, Permission.PUT_BUCKET_ACL, name)
        await self.store.set_bucket_acl(name, acl)

    async def delete(self, principal: Principal, name: str) -> None:
        """Remove an empty bucket (DeleteBucket)."""
        permission.require(principal, Permission.DELETE_BUCKET, name)
        await self.store.delete_bucket(name)

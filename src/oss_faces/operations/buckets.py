"""What can be done with buckets, whatever the wire looks like."""

from dataclasses import dataclass

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
        permission.require_signed(principal)
        return await self.store.list_buckets(want.prefix, want.marker, want.max_keys)

    def require_signed(self, principal: Principal) -> None:
        """Refuse anonymous callers before a body is read: no ACL opens what is done with buckets.

        Raises:
            AccessDenied.
        """
        permission.require_signed(principal)

    async def put(self, principal: Principal, want: PutBucket) -> BucketMeta:
        """Make a bucket; one that exists is kept, with the ACL replaced when one is given (PutBucket)."""
        permission.require_signed(principal)
        return await self.store.create_bucket(want.bucket, self.owner, want.acl)

    async def get(self, principal: Principal, name: str) -> BucketMeta:
        """Describe a bucket (GetBucketInfo, GetBucketLocation, GetBucketAcl)."""
        permission.require_signed(principal)
        return await self.store.get_bucket(name)

    async def set_acl(self, principal: Principal, name: str, acl: Acl) -> None:
        """Replace a bucket's ACL (PutBucketAcl)."""
        permission.require_signed(principal)
        await self.store.set_bucket_acl(name, acl)

    async def delete(self, principal: Principal, name: str) -> None:
        """Remove an empty bucket (DeleteBucket)."""
        permission.require_signed(principal)
        await self.store.delete_bucket(name)

"""Handlers of the service and bucket level: parse, do, render."""

from dataclasses import dataclass
from typing import Final

from oss_faces import request as requests
from oss_faces.grants import Permission
from oss_faces.http.answers import Answer, empty, xml
from oss_faces.http.call import Call
from oss_faces.operations import Buckets, Objects
from oss_faces.rendering import documents

_BUCKET_BODY_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class BucketRoutes:
    """One method for each action on the service or a bucket."""

    buckets: Buckets
    objects: Objects
    identity: documents.Identity

    async def list_buckets(self, call: Call) -> Answer:
        """Answer ListBuckets."""
        want = requests.parse_list_buckets(call.query)
        page = await self.buckets.list(call.principal, want)
        return xml(documents.list_buckets(want, page.buckets, page.next_marker or None, self.identity))

    async def put_bucket(self, call: Call) -> Answer:
        """Answer PutBucket."""
        self.buckets.require_put(call.principal, call.address.bucket)
        body = await call.body.read(_BUCKET_BODY_BYTES_MAX)
        bucket = await self.buckets.put(
            call.principal, requests.parse_put_bucket(call.request, call.address.bucket, body)
        )
        return empty(200, (("Location", f"/{bucket.name}"),))

    async def get_info(self, call: Call) -> Answer:
        """Answer GetBucketInfo."""
        bucket = await self.buckets.get(call.principal, call.address.bucket, Permission.GET_BUCKET_INFO)
        return xml(documents.bucket_info(bucket, self.identity))

    async def get_location(self, call: Call) -> Answer:
        """Answer GetBucketLocation."""
        await self.buckets.get(call.principal, call.address.bucket, Permission.GET_BUCKET_LOCATION)
        return xml(documents.bucket_location(self.identity))

    async def get_acl(self, call: Call) -> Answer:
        """Answer GetBucketAcl."""
        bucket = await self.buckets.get(call.principal, call.address.bucket, Permission.GET_BUCKET_ACL)
        return xml(documents.access_control(bucket.acl, self.identity))

    async def put_acl(self, call: Call) -> Answer:
        """Answer PutBucketAcl."""
        acl = requests.parse_bucket_acl(call.request.header("x-oss-acl"))
        await self.buckets.set_acl(call.principal, call.address.bucket, acl)
        return empty()

    async def delete_bucket(self, call: Call) -> Answer:
        """Answer DeleteBucket."""
        await self.buckets.delete(call.principal, call.address.bucket)
        return empty(204)

    async def list_objects(self, call: Call) -> Answer:
        """Answer ListObjects, version 1 and 2."""
        want = requests.parse_list_objects(call.query, call.address.bucket)
        page = await self.objects.list(call.principal, want)
        document = documents.list_objects(
            want, page.objects, page.common_prefixes, page.next_marker or None, self.identity
        )
        return xml(document)

    async def delete_objects(self, call: Call) -> Answer:
        """Answer DeleteMultipleObjects."""
        await self.objects.require_delete_many(call.principal, call.address.bucket)
        body = await call.body.read(requests.DELETE_BODY_BYTES_MAX)
        requests.check_content_md5(call.request, body)
        want = requests.parse_delete_objects(call.request, call.query, call.address.bucket, body)
        await self.objects.delete_many(call.principal, want)
        if want.quiet:
            return empty()
        return xml(documents.delete_result(want.keys, encode_url=want.encode_url))

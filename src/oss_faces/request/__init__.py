"""From the wire to typed requests: parse, default, refuse. What is optional on the wire is decided here, once.

Header and parameter names are those of the OSS API reference.
"""

from oss_faces.request.fields import (
    parse_acl,
    parse_encoding_type,
)
from oss_faces.request.listing import (
    ListBuckets,
    ListObjects,
    PutBucket,
    continuation_token,
    parse_bucket_acl,
    parse_list_buckets,
    parse_list_objects,
    parse_put_bucket,
)
from oss_faces.request.reading import (
    Conditions,
    DetectFaces,
    ReadObject,
    WantedRange,
    parse_conditions,
    parse_detect,
    parse_range,
    parse_read,
)
from oss_faces.request.writing import (
    DELETE_BODY_BYTES_MAX,
    CopyObject,
    DeleteObjects,
    WriteObject,
    check_content_md5,
    parse_content_md5,
    parse_copy,
    parse_delete_objects,
    parse_object_acl,
    parse_write,
)

__all__ = [
    "DELETE_BODY_BYTES_MAX",
    "Conditions",
    "CopyObject",
    "DeleteObjects",
    "DetectFaces",
    "ListBuckets",
    "ListObjects",
    "PutBucket",
    "ReadObject",
    "WantedRange",
    "WriteObject",
    "check_content_md5",
    "continuation_token",
    "parse_acl",
    "parse_bucket_acl",
    "parse_conditions",
    "parse_content_md5",
    "parse_copy",
    "parse_delete_objects",
    "parse_detect",
    "parse_encoding_type",
    "parse_list_buckets",
    "parse_list_objects",
    "parse_object_acl",
    "parse_put_bucket",
    "parse_range",
    "parse_read",
    "parse_write",
]

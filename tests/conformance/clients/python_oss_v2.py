"""Driver of `alibabacloud-oss-v2`, the second official Python SDK."""

from datetime import timedelta

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2._version import VERSION

from tests.conformance.clients.lines import Answer, Request, body, class_name, serve, text


def _client(request: Request) -> oss.Client:
    connect = request["connect"]
    config = oss.config.load_default()
    config.endpoint, config.region = connect["endpoint"], connect["region"]
    if connect["signature"] == "anonymous":
        config.credentials_provider = oss.credentials.AnonymousCredentialsProvider()
    else:
        config.credentials_provider = oss.credentials.StaticCredentialsProvider(
            connect["id"], connect["secret"], connect["token"] or None
        )
        config.signature_version = connect["signature"]
    return oss.Client(config)


def version(request: Request) -> Answer:
    return {"version": VERSION}


def put(request: Request) -> Answer:
    found = _client(request).put_object(
        oss.PutObjectRequest(
            request["bucket"],
            request["key"],
            body=body(request),
            content_type=request["content_type"] or None,
            metadata=request["meta"] or None,
        )
    )
    return {"etag": found.etag.strip('"')}


def get(request: Request) -> Answer:
    byte_range = f"bytes={request['range'][0]}-{request['range'][1]}" if request.get("range") else None
    found = _client(request).get_object(
        oss.GetObjectRequest(
            request["bucket"],
            request["key"],
            process=request.get("process"),
            range_header=byte_range,
            if_none_match=request.get("if_none_match"),
        )
    )
    return {"body": text(found.body.content), "request_id": found.request_id}


def get_file(request: Request) -> Answer:
    wanted = oss.GetObjectRequest(request["bucket"], request["key"], process=request.get("process"))
    _client(request).get_object_to_file(wanted, request["path"])
    return {}


def head(request: Request) -> Answer:
    found = _client(request).head_object(oss.HeadObjectRequest(request["bucket"], request["key"]))
    return {
        "etag": found.etag.strip('"'),
        "size": found.content_length,
        "content_type": found.content_type,
        "meta": {name.lower(): value for name, value in (found.metadata or {}).items()},
    }


def list_keys(request: Request) -> Answer:
    wanted = oss.ListObjectsRequest(request["bucket"], prefix=request["prefix"], max_keys=request["page"])
    pages = _client(request).list_objects_paginator().iter_page(wanted)
    return {"keys": [entry.key for page in pages for entry in page.contents or ()]}


def list_v2(request: Request) -> Answer:
    wanted = oss.ListObjectsV2Request(request["bucket"], prefix=request["prefix"], max_keys=request["page"])
    pages = _client(request).list_objects_v2_paginator().iter_page(wanted)
    return {"keys": [entry.key for page in pages for entry in page.contents or ()]}


def delete(request: Request) -> Answer:
    _client(request).delete_object(oss.DeleteObjectRequest(request["bucket"], request["key"]))
    return {}


def delete_many(request: Request) -> Answer:
    wanted = oss.DeleteMultipleObjectsRequest(
        request["bucket"], encoding_type="url", objects=[oss.DeleteObject(key) for key in request["keys"]]
    )
    return {"deleted": [entry.key for entry in _client(request).delete_multiple_objects(wanted).deleted_objects]}


def copy(request: Request) -> Answer:
    wanted = oss.CopyObjectRequest(
        request["bucket"], request["target"], source_key=request["key"], source_bucket=request["bucket"]
    )
    return {"etag": _client(request).copy_object(wanted).etag.strip('"')}


def presign(request: Request) -> Answer:
    kinds = {"GET": oss.GetObjectRequest, "PUT": oss.PutObjectRequest}
    process = {"process": request["process"]} if request.get("process") else {}
    wanted = kinds[request["method"]](request["bucket"], request["key"], **process)
    return {"url": _client(request).presign(wanted, expires=timedelta(seconds=request["expires_s"])).url}


def create_bucket(request: Request) -> Answer:
    _client(request).put_bucket(oss.PutBucketRequest(request["bucket"]))
    return {}


def delete_bucket(request: Request) -> Answer:
    _client(request).delete_bucket(oss.DeleteBucketRequest(request["bucket"]))
    return {}


def bucket_info(request: Request) -> Answer:
    found = _client(request).get_bucket_info(oss.GetBucketInfoRequest(request["bucket"])).bucket_info
    return {"name": found.name, "location": found.location, "acl": found.acl}


def list_buckets(request: Request) -> Answer:
    pages = _client(request).list_buckets_paginator().iter_page(oss.ListBucketsRequest())
    return {"names": [entry.name for page in pages for entry in page.buckets or ()]}


def set_acl(request: Request) -> Answer:
    client = _client(request)
    client.put_bucket_acl(oss.PutBucketAclRequest(request["bucket"], acl=request["acl"]))
    return {"acl": client.get_bucket_acl(oss.GetBucketAclRequest(request["bucket"])).acl}


def multipart(request: Request) -> Answer:
    client, bucket, key = _client(request), request["bucket"], request["key"]
    upload = client.initiate_multipart_upload(oss.InitiateMultipartUploadRequest(bucket, key)).upload_id
    parts = []
    for number, part in enumerate(request["parts"], start=1):
        sent = client.upload_part(oss.UploadPartRequest(bucket, key, number, upload, body=body({"body": part})))
        parts.append(oss.UploadPart(part_number=number, etag=sent.etag))
    pages = client.list_parts_paginator().iter_page(oss.ListPartsRequest(bucket, key, upload))
    listed = [part.part_number for page in pages for part in page.parts or ()]
    done = client.complete_multipart_upload(
        oss.CompleteMultipartUploadRequest(
            bucket, key, upload, complete_multipart_upload=oss.CompleteMultipartUpload(parts)
        )
    )
    return {"listed": listed, "etag": done.etag.strip('"')}


def multipart_abort(request: Request) -> Answer:
    client, bucket, key = _client(request), request["bucket"], request["key"]
    upload = client.initiate_multipart_upload(oss.InitiateMultipartUploadRequest(bucket, key)).upload_id
    client.upload_part(oss.UploadPartRequest(bucket, key, 1, upload, body=b"never to be seen"))
    before = _uploads(client, bucket, key)
    client.abort_multipart_upload(oss.AbortMultipartUploadRequest(bucket, key, upload))
    return {"before": before, "after": _uploads(client, bucket, key)}


def _uploads(client: oss.Client, bucket: str, prefix: str) -> list[str]:
    wanted = oss.ListMultipartUploadsRequest(bucket, prefix=prefix)
    pages = client.list_multipart_uploads_paginator().iter_page(wanted)
    return [entry.key for page in pages for entry in page.uploads or ()]


def upload_file(request: Request) -> Answer:
    wanted = oss.PutObjectRequest(request["bucket"], request["key"])
    _client(request).uploader().upload_file(wanted, request["path"], part_size=request["part_bytes"])
    return {}


def append(request: Request) -> Answer:
    client, position = _client(request), 0
    for piece in request["pieces"]:
        wanted = oss.AppendObjectRequest(request["bucket"], request["key"], position, body=body({"body": piece}))
        position = client.append_object(wanted).next_position
    return {"position": position}


def describe(error: Exception) -> Answer:
    inner = error.unwrap() if isinstance(error, oss.exceptions.OperationError) else error
    if not isinstance(inner, oss.exceptions.ServiceError):
        return {"exception": class_name(inner), "outer": class_name(error), "message": str(error)}
    return {
        "exception": class_name(inner),
        "outer": class_name(error),
        "code": inner.code,
        "status": inner.status_code,
        "request_id": inner.request_id,
        "message": inner.message,
    }


OPERATIONS = (
    version, put, get, get_file, head, list_keys, list_v2, delete, delete_many, copy, presign, create_bucket,
    delete_bucket, bucket_info, list_buckets, set_acl, multipart, multipart_abort, upload_file, append,
)  # fmt: skip

if __name__ == "__main__":
    serve({operation.__name__: operation for operation in OPERATIONS}, describe)

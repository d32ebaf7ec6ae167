"""Driver of `oss2`, the first official Python SDK."""

import oss2

from tests.conformance.clients.lines import Answer, Request, body, class_name, serve, text


def _auth(connect: Request) -> object:
    if connect["signature"] == "anonymous":
        return oss2.AnonymousAuth()
    kinds = {"v1": oss2.credentials.StaticCredentialsProvider, "v4": oss2.credentials.StaticCredentialsProvider}
    provider = kinds[connect["signature"]](connect["id"], connect["secret"], connect["token"] or None)
    return {"v1": oss2.ProviderAuth, "v4": oss2.ProviderAuthV4}[connect["signature"]](provider)


def _bucket(request: Request) -> oss2.Bucket:
    connect = request["connect"]
    return oss2.Bucket(_auth(connect), connect["endpoint"], request["bucket"], region=connect["region"])


def _service(request: Request) -> oss2.Service:
    connect = request["connect"]
    return oss2.Service(_auth(connect), connect["endpoint"], region=connect["region"])


def version(request: Request) -> Answer:
    return {"version": oss2.__version__}


def put(request: Request) -> Answer:
    meta = {f"x-oss-meta-{name}": value for name, value in request["meta"].items()}
    headers = {"Content-Type": request["content_type"], **meta} if request["content_type"] else meta
    return {"etag": _bucket(request).put_object(request["key"], body(request), headers=headers).etag}


def get(request: Request) -> Answer:
    headers = {"If-None-Match": request["if_none_match"]} if request.get("if_none_match") else None
    byte_range = tuple(request["range"]) if request.get("range") else None
    found = _bucket(request).get_object(
        request["key"], byte_range=byte_range, process=request.get("process"), headers=headers
    )
    return {"body": text(found.read()), "request_id": found.request_id}


def get_file(request: Request) -> Answer:
    _bucket(request).get_object_to_file(request["key"], request["path"], process=request.get("process"))
    return {}


def head(request: Request) -> Answer:
    found = _bucket(request).head_object(request["key"])
    prefix = "x-oss-meta-"
    meta = {name[len(prefix) :].lower(): value for name, value in found.headers.items() if name.startswith(prefix)}
    return {"etag": found.etag, "size": found.content_length, "content_type": found.content_type, "meta": meta}


def list_keys(request: Request) -> Answer:
    pages = oss2.ObjectIterator(_bucket(request), prefix=request["prefix"], max_keys=request["page"])
    return {"keys": [entry.key for entry in pages]}


def list_v2(request: Request) -> Answer:
    pages = oss2.ObjectIteratorV2(_bucket(request), prefix=request["prefix"], max_keys=request["page"])
    return {"keys": [entry.key for entry in pages]}


def delete(request: Request) -> Answer:
    _bucket(request).delete_object(request["key"])
    return {}


def delete_many(request: Request) -> Answer:
    return {"deleted": _bucket(request).batch_delete_objects(request["keys"]).deleted_keys}


def copy(request: Request) -> Answer:
    return {"etag": _bucket(request).copy_object(request["bucket"], request["key"], request["target"]).etag}


def presign(request: Request) -> Answer:
    params = {"x-oss-process": request["process"]} if request.get("process") else None
    return {"url": _bucket(request).sign_url(request["method"], request["key"], request["expires_s"], params=params)}


def get_url(request: Request) -> Answer:
    return {"body": text(_bucket(request).get_object_with_url(request["url"]).read())}


def create_bucket(request: Request) -> Answer:
    _bucket(request).create_bucket()
    return {}


def delete_bucket(request: Request) -> Answer:
    _bucket(request).delete_bucket()
    return {}


def bucket_info(request: Request) -> Answer:
    found = _bucket(request).get_bucket_info()
    return {"name": found.name, "location": found.location, "acl": found.acl.grant}


def list_buckets(request: Request) -> Answer:
    return {"names": [entry.name for entry in oss2.BucketIterator(_service(request))]}


def set_acl(request: Request) -> Answer:
    bucket = _bucket(request)
    bucket.put_bucket_acl(request["acl"])
    return {"acl": bucket.get_bucket_acl().acl}


def multipart(request: Request) -> Answer:
    bucket, key = _bucket(request), request["key"]
    upload = bucket.init_multipart_upload(key).upload_id
    parts = []
    for number, part in enumerate(request["parts"], start=1):
        etag = bucket.upload_part(key, upload, number, body({"body": part})).etag
        parts.append(oss2.models.PartInfo(number, etag))
    listed = [part.part_number for part in oss2.PartIterator(bucket, key, upload)]
    return {"listed": listed, "etag": bucket.complete_multipart_upload(key, upload, parts).etag}


def multipart_abort(request: Request) -> Answer:
    bucket, key = _bucket(request), request["key"]
    upload = bucket.init_multipart_upload(key).upload_id
    bucket.upload_part(key, upload, 1, b"never to be seen")
    before = [entry.key for entry in oss2.MultipartUploadIterator(bucket, prefix=key)]
    bucket.abort_multipart_upload(key, upload)
    return {"before": before, "after": [entry.key for entry in oss2.MultipartUploadIterator(bucket, prefix=key)]}


def upload_file(request: Request) -> Answer:
    oss2.resumable_upload(
        _bucket(request), request["key"], request["path"], multipart_threshold=1, part_size=request["part_bytes"]
    )
    return {}


def append(request: Request) -> Answer:
    bucket, position = _bucket(request), 0
    for piece in request["pieces"]:
        position = bucket.append_object(request["key"], position, body({"body": piece})).next_position
    return {"position": position}


def describe(error: Exception) -> Answer:
    if not isinstance(error, oss2.exceptions.OssError):
        return {"exception": class_name(error), "message": str(error)}
    return {
        "exception": class_name(error),
        "code": error.code,
        "status": error.status,
        "request_id": error.request_id,
        "message": error.message,
    }


OPERATIONS = (
    version, put, get, get_file, head, list_keys, list_v2, delete, delete_many, copy, presign, get_url, create_bucket,
    delete_bucket, bucket_info, list_buckets, set_acl, multipart, multipart_abort, upload_file, append,
)  # fmt: skip

if __name__ == "__main__":
    serve({operation.__name__: operation for operation in OPERATIONS}, describe)

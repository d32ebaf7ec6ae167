"""What goes wrong, and what each client makes of it: one table for all clients.

A real answer has a status and a code; each SDK wraps them in an exception of its own. Where an SDK does not keep the
status or the code, its entry says so.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tests.conformance.driver import Failure

# case: status, code
ANSWERS: Final[Mapping[str, tuple[int, str]]] = {
    "wrong_secret": (403, "SignatureDoesNotMatch"),
    "unknown_key": (403, "InvalidAccessKeyId"),
    "lost_token": (403, "InvalidAccessKeyId"),
    "no_grant": (403, "AccessDenied"),
    "expired_url": (403, "AccessDenied"),
    "skewed_clock": (403, "RequestTimeTooSkewed"),
    "anonymous": (403, "AccessDenied"),
    "missing_object": (404, "NoSuchKey"),
    "missing_object_head": (404, "NoSuchKey"),
    "missing_bucket": (404, "NoSuchBucket"),
    "not_a_picture": (400, "Imm Client"),
    "too_large": (400, "ImageTooLarge"),
    "unknown_operation": (400, "InvalidArgument"),
    "bucket_not_empty": (409, "BucketNotEmpty"),
    "unsigned_process": (403, "SignatureDoesNotMatch"),
    "imm_wrong_secret": (400, "SignatureDoesNotMatch"),
    "imm_unknown_key": (404, "InvalidAccessKeyId.NotFound"),
    "imm_skewed_clock": (400, "InvalidTimeStamp.Expired"),
    "imm_missing_object": (404, "ResourceNotFound"),
    "imm_missing_project": (404, "ResourceNotFound"),
    "imm_project_exists": (409, "ResourceAlreadyExists"),
    "imm_not_a_picture": (400, "InvalidArgument"),
    "imm_too_large": (400, "LimitExceededError"),
    "imm_missing_parameter": (400, "MissingSourceURI"),
    "imm_no_grant": (403, "NoPermission"),
}
# oss2 has a class for each code that it knows.
_OSS2: Final = {
    "SignatureDoesNotMatch": "SignatureDoesNotMatch",
    "AccessDenied": "AccessDenied",
    "NoSuchKey": "NoSuchKey",
    "NoSuchBucket": "NoSuchBucket",
    "BucketNotEmpty": "BucketNotEmpty",
    "InvalidArgument": "InvalidArgument",
}


def _oss2(status: int, code: str) -> Failure:
    return Failure(f"oss2.exceptions.{_OSS2.get(code, 'ServerError')}", code, status)


def _python_v2(status: int, code: str) -> Failure:
    return Failure("alibabacloud_oss_v2.exceptions.ServiceError", code, status)


def _java(status: int, code: str) -> Failure:
    # OSSException has no status.
    return Failure("com.aliyun.oss.OSSException", code)


def _go_v1(status: int, code: str) -> Failure:
    return Failure("oss.ServiceError", code, status)


def _go_v2(status: int, code: str) -> Failure:
    return Failure("*oss.ServiceError", code, status)


def _node(status: int, code: str) -> Failure:
    return Failure(f"{code}Error", code, status)


def _plain(status: int, code: str) -> Failure:
    # A program without an SDK reads the document.
    return Failure("HTTP", code, status)


def _imm(status: int, code: str) -> Failure:
    return Failure("alibabacloud_tea_openapi.exceptions._client.ClientException", code, status)


_WRAPPED: Final[Mapping[str, Callable[[int, str], Failure]]] = {
    "oss2": _oss2,
    "python-v2": _python_v2,
    "java": _java,
    "go-v1": _go_v1,
    "go-v2": _go_v2,
    "node": _node,
    "imm": _imm,
    "php": _plain,
    "curl": _plain,
}

# A 304 has no document: each client makes a code of its own for it.
_NOT_MODIFIED: Final[Mapping[str, tuple[str, str | None, int | None]]] = {
    "oss2": ("oss2.exceptions.NotModified", "", 304),
    "python-v2": ("alibabacloud_oss_v2.exceptions.ServiceError", "BadErrorResponse", 304),
    "java": ("com.aliyun.oss.OSSException", "NotModified", None),
    "go-v1": ("*errors.errorString", None, None),
    "go-v2": ("*oss.ServiceError", "BadErrorResponse", 304),
    "curl": ("HTTP", None, 304),
}


def not_modified_failure(client: str) -> tuple[str, str | None, int | None]:
    """Give class, code and status with which this client tells a 304."""
    return _NOT_MODIFIED[client]


def expected(client: str, what: str) -> Failure:
    """Give the exception that this client raises in this case."""
    return _WRAPPED[client](*ANSWERS[what])

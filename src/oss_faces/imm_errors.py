"""The errors of IMM (Intelligent Media Management): its own, and how every other error of this server reads there.

    RequestError
      ImmError
        MissingParameter        400 `Missing<Parameter>`
        IncompleteSignature     400
        InvalidTimestamp        400 `InvalidTimeStamp.Format`
        NonceUsed               400 `SignatureNonceUsed`
        UnknownVersion          400 `InvalidVersion`
        LimitExceeded           400 `LimitExceededError`
        NoFaceFound             400 `InvalidArgument`
        UnknownAction           404 `InvalidAction.NotFound`
        ResourceNotFound        404
        ResourceAlreadyExists   409
        ResourceInUse           409
        ResourceChanged         409

Source: IMM "Error handling" for InvalidArgument, Missing{ParameterName}, LimitExceededError and the names of
resources; the common error codes of Alibaba Cloud's API gateway for what concerns signatures, times and actions. What
neither says is our decision and is listed in docs/differences.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oss_faces.errors import (
    AccessDenied,
    AccessKeyIdAndSecurityTokenNotMatch,
    EntityTooLarge,
    ImageError,
    ImageTooLarge,
    InvalidAccessKeyId,
    InvalidSecurityToken,
    MethodNotAllowed,
    NoSuchBucket,
    NoSuchKey,
    NotImplementedOnServer,
    ObjectTooLarge,
    OssFacesError,
    PictureError,
    RequestError,
    RequestTimeTooSkewed,
    SecurityTokenExpired,
    SignatureDoesNotMatch,
    StorageError,
)


class ImmError(RequestError):
    """An error that only IMM's operations have."""

    ec = "0056-00000001"


class MissingParameter(ImmError):
    """A parameter that the operation needs is absent or empty. The code ends with its name."""

    code = "Missing"

    def __init__(self, parameter: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter} is mandatory for this action.", context={"parameter": parameter})


class IncompleteSignature(ImmError):
    """The signature lacks a part, does not cover what it must, or is of a kind that is not served."""

    code = "IncompleteSignature"
    default_message = "The request signature does not conform to the standards of Alibaba Cloud."


class InvalidTimestamp(ImmError):
    """The time of the request is not written as `2026-11-22T18:54:06Z`."""

    code = "InvalidTimeStamp.Format"
    default_message = "Specified time stamp or date value is not well formatted."


class NonceUsed(ImmError):
    """A request with this nonce was answered already: the same request was sent twice."""

    code = "SignatureNonceUsed"
    default_message = "Specified signature nonce was used already."


class UnknownVersion(ImmError):
    """The version of the API is not the one that is served."""

    code = "InvalidVersion"
    default_message = "Specified parameter Version is not valid. This server has 2020-09-30."


class LimitExceeded(ImmError):
    """There is no room for another project, attachment, dataset, file or task, or something is longer than allowed."""

    code = "LimitExceededError"
    default_message = "The request exceeds a limit of this server."


class NoFaceFound(ImmError):
    """A picture that is to be compared shows no face."""

    code = "InvalidArgument"
    default_message = "No face was found in the image."


class UnknownAction(ImmError):
    """There is no operation of this name."""

    code = "InvalidAction.NotFound"
    http_status = 404
    default_message = "Specified api is not found, please check your url and method."


class ResourceNotFound(ImmError):
    """There is no such project, attachment, bucket, object, dataset, file, face, cluster or task."""

    code = "ResourceNotFound"
    http_status = 404
    default_message = "The specified resource is not found."


class ResourceAlreadyExists(ImmError):
    """There is such a project or dataset already, or the bucket is attached to another project."""

    code = "ResourceAlreadyExists"
    http_status = 409
    default_message = "The specified resource already exists."


class ResourceInUse(ImmError):
    """The project still has datasets or attached buckets, or the dataset is searched with another model's vectors."""

    code = "ResourceInUse"
    http_status = 409
    default_message = "The specified resource is in use."


class ResourceChanged(ImmError):
    """Somebody has changed the resource since the caller read it."""

    code = "ResourceChanged"
    http_status = 409
    default_message = "The specified resource was changed since it was read. Read it again."


@dataclass(frozen=True, slots=True)
class ImmForm:
    """How an error reads in an answer of IMM; no message means the error's own."""

    code: str
    http_status: int
    message: str | None = None


_OTHERS: Final[Mapping[type[OssFacesError], ImmForm]] = MappingProxyType(
    {
        OssFacesError: ImmForm("InternalError", 500),
        RequestError: ImmForm("InvalidArgument", 400),
        StorageError: ImmForm("InvalidArgument", 400),
        InvalidAccessKeyId: ImmForm("InvalidAccessKeyId.NotFound", 404, "Specified access key is not found."),
        SignatureDoesNotMatch: ImmForm(
            "SignatureDoesNotMatch", 400, "Specified signature is not matched with our calculation."
        ),
        RequestTimeTooSkewed: ImmForm(
            "InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired."
        ),
        InvalidSecurityToken: ImmForm("InvalidSecurityToken.Malformed", 400),
        AccessKeyIdAndSecurityTokenNotMatch: ImmForm("InvalidSecurityToken.MismatchWithAccessKey", 400),
        SecurityTokenExpired: ImmForm("InvalidSecurityToken.Expired", 400),
        AccessDenied: ImmForm("NoPermission", 403, "You are not authorized to perform this operation."),
        MethodNotAllowed: ImmForm("UnsupportedHTTPMethod", 405),
        NotImplementedOnServer: ImmForm("NotImplemented", 501),
        EntityTooLarge: ImmForm("LimitExceededError", 400),
        ObjectTooLarge: ImmForm("LimitExceededError", 400),
        NoSuchBucket: ImmForm("ResourceNotFound", 404),
        NoSuchKey: ImmForm("ResourceNotFound", 404),
        ImageError: ImmForm("InvalidArgument", 400),
        ImageTooLarge: ImmForm("LimitExceededError", 400),
        PictureError: ImmForm("InvalidArgument", 400),
    }
)
"""Errors that both services have. The nearest class counts."""

_OSS_PREFIX: Final = "InvalidArgument, "
"""How a message of IMM begins in an answer of OSS, which has one code for all of them."""


def imm_form(error: OssFacesError) -> ImmForm:
    """Tell how an error reads in an answer of IMM."""
    if isinstance(error, MissingParameter):
        return ImmForm(f"{error.code}{error.parameter}", error.http_status, error.message)
    if isinstance(error, ImmError):
        return ImmForm(error.code, error.http_status, error.message)
    if error.retryable:
        return ImmForm("ServiceUnavailable", 503, error.message)
    form = next(_OTHERS[kind] for kind in type(error).__mro__ if kind in _OTHERS)
    own = error.message.removeprefix(_OSS_PREFIX)
    return ImmForm(form.code, form.http_status, form.message or own)

"""Every error that can reach a caller, with its wire code, HTTP status and EC, in one place.

    OssFacesError                 500 InternalError
      RequestError                whose fault: the caller
        InvalidArgument           400
        MissingArgument           400
        MalformedXML              400
        InvalidBucketName         400
        InvalidObjectName         400
        InvalidDigest             400
        IncompleteBody            400
        EntityTooLarge            400
        EntityTooSmall            400
        InvalidPart               400
        InvalidPartOrder          400
        AccessDenied              403
        InvalidAccessKeyId        403
        InvalidSecurityToken      403
        AccessKeyIdAndSecurityTokenNotMatch  403
        SecurityTokenExpired      403
        SignatureDoesNotMatch     403
        RequestTimeTooSkewed      403
        NoSuchStyle               404
        BucketNotAttached         400 `Imm Client`
        InvalidProcess            400
        MethodNotAllowed          405
        MissingContentLength      411
        NotImplementedOnServer    501
      StorageError
        NoSuchBucket              404
        NoSuchKey                 404
        NoSuchUpload              404
        BucketAlreadyExists       409
        BucketNotEmpty            409
        FileAlreadyExists         409
        ObjectNotAppendable       409
        PositionNotEqualToLength  409
        ObjectTooLarge            400
        TooManyBuckets            400
        PreconditionFailed        412
        NotModified               304
        InvalidRange              416
        StorageUnavailable        503, retryable
        MeteringUnavailable       503, retryable
        UpstreamDenied            403
        BucketIsMounted           403
      ImageError                  400 `Imm Client`
        UnsupportedFormat
        CorruptImage
        ImageTooLarge
      PictureError                a picture operation other than faces
        PictureNotSupported       400
        PictureDamaged            403
        PictureTooLarge           400
        OutsidePicture            400
      CapacityError
        Overloaded                503, retryable
        DeadlineExceeded          503, retryable
      InferenceError
        ModelUnavailable          500
        EngineFailed              500
      ConfigurationError          never on the wire: ends the start of the program

Codes, statuses and EC values come from the error pages of Alibaba Cloud OSS and from the official SDKs' own
tests. Where neither gives one, the value is our decision and is listed in docs/differences.md.
"""

from collections.abc import Mapping
from typing import ClassVar


class OssFacesError(Exception):
    """Root of all errors that are raised on purpose.

    `message` is safe to show to the client. `context` goes to the log only. `details` are the extra elements
    of the error body (for instance `StringToSign`), already safe to show.
    """

    code: ClassVar[str] = "InternalError"
    http_status: ClassVar[int] = 500
    ec: ClassVar[str] = "0001-00000001"
    retryable: ClassVar[bool] = False
    default_message: ClassVar[str] = "We encountered an internal error. Please try again."

    def __init__(
        self,
        message: str | None = None,
        *,
        ec: str | None = None,
        details: Mapping[str, str] | None = None,
        context: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.ec_value = ec or self.ec
        self.details = dict(details or {})
        self.context = dict(context or {})
        super().__init__(self.message)


class RequestError(OssFacesError):
    """The request cannot be served as it was sent."""

    code = "InvalidArgument"
    http_status = 400
    ec = "0017-00000902"
    default_message = "The request is not valid."


class InvalidArgument(RequestError):
    """A parameter, header or authorisation field has a value that is not allowed."""

    default_message = "Invalid Argument."


class MissingArgument(RequestError):
    """A parameter that the operation needs is absent."""

    code = "MissingArgument"
    ec = "0016-00000502"
    default_message = "Missing Some Required Arguments."


class MalformedXML(RequestError):
    """The XML body is not well formed or not of the documented shape."""

    code = "MalformedXML"
    ec = "0016-00000501"
    default_message = "The XML you provided was not well-formed or did not validate against our published schema."


class InvalidBucketName(RequestError):
    """The bucket name breaks the naming rules."""

    code = "InvalidBucketName"
    ec = "0015-00000001"
    default_message = "The specified bucket is not valid."


class InvalidObjectName(RequestError):
    """The key is empty, too long or not UTF-8."""

    code = "InvalidObjectName"
    ec = "0016-00000001"
    default_message = "The specified object is not valid."


class InvalidDigest(RequestError):
    """Content-MD5 is malformed or is not that of the body."""

    code = "InvalidDigest"
    ec = "0016-00000201"
    default_message = "The Content-MD5 you specified was invalid."


class IncompleteBody(RequestError):
    """The body ended before Content-Length bytes had come."""

    code = "IncompleteBody"
    ec = "0016-00000202"
    default_message = "You did not provide the number of bytes specified by the Content-Length HTTP header."


class EntityTooLarge(RequestError):
    """The body is larger than the operation allows."""

    code = "EntityTooLarge"
    ec = "0016-00000203"
    default_message = "Your proposed upload exceeds the maximum allowed size."


class EntityTooSmall(RequestError):
    """A part that is not the last one of its object is smaller than the least size."""

    code = "EntityTooSmall"
    ec = "0042-00000213"
    default_message = "Your proposed upload smaller than the minimum allowed size."


class InvalidPart(RequestError):
    """A part that is to be put together does not exist, or is not the one that was meant."""

    code = "InvalidPart"
    ec = "0042-00000210"
    default_message = (
        "One or more of the specified parts could not be found or the specified entity tag might not have matched "
        "the part's entity tag."
    )


class InvalidPartOrder(RequestError):
    """The parts that are to be put together are not in ascending order."""

    code = "InvalidPartOrder"
    ec = "0042-00000209"
    default_message = "The list of parts was not in ascending order. Parts list must specified in order by part number."


class AccessDenied(RequestError):
    """The caller is known or anonymous, and may not do this."""

    code = "AccessDenied"
    http_status = 403
    ec = "0003-00000001"
    default_message = "You have no right to access this object because of bucket acl."


class InvalidAccessKeyId(RequestError):
    """No such access key, or it is disabled."""

    code = "InvalidAccessKeyId"
    http_status = 403
    ec = "0002-00000902"
    default_message = "The OSS Access Key Id you provided does not exist in our records."


class InvalidSecurityToken(RequestError):
    """The security token is none that was ever given out."""

    code = "InvalidSecurityToken"
    http_status = 403
    ec = "0002-00000006"
    default_message = "The security token you provided is invalid."


class AccessKeyIdAndSecurityTokenNotMatch(RequestError):
    """The security token is that of another key."""

    code = "AccessKeyIdAndSecurityTokenNotMatch"
    http_status = 403
    ec = "0002-00000004"
    default_message = "The OSS access key id and security token you provided does not match."


class SecurityTokenExpired(RequestError):
    """The time of the temporary credentials is over."""

    code = "SecurityTokenExpired"
    http_status = 403
    ec = "0002-00000007"
    default_message = "The security token you provided has expired."


class SignatureDoesNotMatch(RequestError):
    """The signature is not the one that this key gives for this request."""

    code = "SignatureDoesNotMatch"
    http_status = 403
    ec = "0002-00000201"
    default_message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )


class RequestTimeTooSkewed(RequestError):
    """The request's date is too far from the server's clock."""

    code = "RequestTimeTooSkewed"
    http_status = 403
    ec = "0002-00000504"
    default_message = "The difference between the request time and the current time is too large."


class NoSuchStyle(RequestError):
    """The process string names a style, and there are none."""

    code = "NoSuchStyle"
    http_status = 404
    ec = "0040-00000023"
    default_message = "The specified style does not exist."


class BucketNotAttached(RequestError):
    """`image/faces` is asked of a bucket that is attached to no IMM project, and `imm.auto_attach` is off."""

    code = "Imm Client"
    ec = "0056-00000001"
    default_message = "ResourceNotFound, The bucket is not attached to any IMM project."


class InvalidProcess(RequestError):
    """An operation of the process string has a parameter that it does not know, or a value outside its range."""

    code = "InvalidArgument"
    ec = "0040-00000001"
    default_message = "The parameters of the image operation are not valid."


class MethodNotAllowed(RequestError):
    """The method is not allowed on this resource."""

    code = "MethodNotAllowed"
    http_status = 405
    ec = "0017-00000901"
    default_message = "The specified method is not allowed against this resource."


class MissingContentLength(RequestError):
    """An upload says neither how long it is nor that it comes in chunks."""

    code = "MissingContentLength"
    http_status = 411
    ec = "0017-00000904"
    default_message = "You must provide the Content-Length HTTP header."


class NotImplementedOnServer(RequestError):
    """The operation exists in OSS but not here."""

    code = "NotImplemented"
    http_status = 501
    ec = "0017-00000903"
    default_message = "A header or parameter you provided implies functionality that is not implemented."


class StorageError(OssFacesError):
    """The store has no answer of the kind that was asked for."""


class NoSuchBucket(StorageError):
    """The bucket does not exist."""

    code = "NoSuchBucket"
    http_status = 404
    ec = "0015-00000101"
    default_message = "The specified bucket does not exist."


class NoSuchKey(StorageError):
    """The object does not exist."""

    code = "NoSuchKey"
    http_status = 404
    ec = "0026-00000001"
    default_message = "The specified key does not exist."


class NoSuchUpload(StorageError):
    """There is no such upload under way for this key."""

    code = "NoSuchUpload"
    http_status = 404
    ec = "0017-00000244"
    default_message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed."
    )


class BucketAlreadyExists(StorageError):
    """The bucket name is taken by another owner."""

    code = "BucketAlreadyExists"
    http_status = 409
    ec = "0015-00000104"
    default_message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again."
    )


class BucketNotEmpty(StorageError):
    """The bucket still holds objects."""

    code = "BucketNotEmpty"
    http_status = 409
    ec = "0015-00000301"
    default_message = "The bucket has objects. Please delete them first."


class FileAlreadyExists(StorageError):
    """The key is taken and the request forbids to overwrite it (`x-oss-forbid-overwrite`)."""

    code = "FileAlreadyExists"
    http_status = 409
    ec = "0026-00000201"
    default_message = "The object you specified already exists and can not be overwritten."


class ObjectNotAppendable(StorageError):
    """The object was not made by AppendObject."""

    code = "ObjectNotAppendable"
    http_status = 409
    ec = "0026-00000017"
    default_message = "The object is not appendable"


class PositionNotEqualToLength(StorageError):
    """An append does not begin where the object ends.

    `context` holds the `length`, which the answer tells in `x-oss-next-append-position`.
    """

    code = "PositionNotEqualToLength"
    http_status = 409
    ec = "0026-00000016"
    default_message = "Position is not equal to file length"


class ObjectTooLarge(StorageError):
    """The object is larger than its reader can take. An operation answers with an error of its own kind."""

    code = "EntityTooLarge"
    http_status = 400
    ec = "0016-00000203"
    default_message = "The object is too large for this operation."


class TooManyBuckets(StorageError):
    """The limit on buckets is reached."""

    code = "TooManyBuckets"
    http_status = 400
    ec = "0015-00000102"
    default_message = "You have attempted to create more buckets than allowed."


class PreconditionFailed(StorageError):
    """If-Match or If-Unmodified-Since does not hold."""

    code = "PreconditionFailed"
    http_status = 412
    ec = "0026-00000202"
    default_message = "At least one of the pre-conditions you specified did not hold."


class NotModified(StorageError):
    """If-None-Match or If-Modified-Since says that the caller's copy is current: 304, no body.

    `details` holds the `ETag`, which a 304 carries in a header (RFC 9110, section 15.4.5).
    """

    code = "NotModified"
    http_status = 304
    ec = "0026-00000003"
    default_message = "Not Modified"


class InvalidRange(StorageError):
    """The range begins behind the end of the object."""

    code = "InvalidRange"
    http_status = 416
    ec = "0026-00000004"
    default_message = "The requested range cannot be satisfied."


class StorageUnavailable(StorageError):
    """The store cannot be read or written at present (disk full, disk read-only, database busy)."""

    code = "ServiceUnavailable"
    http_status = 503
    ec = "0026-00000005"
    retryable = True
    default_message = "The storage is not available at present. Please try again later."


class MeteringUnavailable(StorageError):
    """The request cannot be counted at present (disk full, database busy), so it is not answered either."""

    code = "ServiceUnavailable"
    http_status = 503
    ec = "0001-00000504"
    retryable = True
    default_message = "The use of this server cannot be recorded at present. Please try again later."


class UpstreamDenied(StorageError):
    """The folder or service behind a mounted bucket does not let this server in, whoever asks."""

    code = "AccessDenied"
    http_status = 403
    default_message = "The storage behind this bucket does not let this server in. Ask who runs the server."
    ec = "0003-00000001"


class BucketIsMounted(StorageError):
    """The bucket is fixed by the server's settings, or read-only, and this would change it."""

    code = "AccessDenied"
    http_status = 403
    default_message = "This bucket is mounted by the settings of the server, which do not allow this."
    ec = "0003-00000001"


class ImageError(OssFacesError):
    """The object is no picture that can be analysed. `Imm Client` is not retried by any SDK."""

    code = "Imm Client"
    http_status = 400
    ec = "0056-00000001"
    default_message = "InvalidArgument, The image cannot be processed."


class UnsupportedFormat(ImageError):
    """The content is in none of the picture formats that are read."""

    default_message = "InvalidArgument, The source is not an image in a supported format."


class CorruptImage(ImageError):
    """The content begins like a picture but cannot be decoded."""

    default_message = "InvalidArgument, The image is damaged and cannot be decoded."


class ImageTooLarge(ImageError):
    """The picture exceeds a limit on bytes, side or pixels."""

    code = "ImageTooLarge"
    ec = "0056-00000002"
    default_message = "The source image is too large to be processed."


class PictureError(OssFacesError):
    """A picture operation of OSS itself (info, resize, crop, ...) cannot be done on this object."""

    code = "InvalidArgument"
    http_status = 400
    ec = "0040-00000002"
    default_message = "The image cannot be processed."


class PictureNotSupported(PictureError):
    """The content is in none of the picture formats that are read."""

    ec = "0040-00000005"
    default_message = "not supported format."


class PictureDamaged(PictureError):
    """The content begins like a picture but cannot be decoded."""

    code = "ImageDamage"
    http_status = 403
    ec = "0040-00000006"
    default_message = "The image is damaged and cannot be decoded."


class PictureTooLarge(PictureError):
    """The source, or what would become of it, exceeds a limit on bytes, side, pixels or memory."""

    code = "ImageTooLarge"
    ec = "0040-00000012"
    default_message = "The image is too large for this operation."


class OutsidePicture(PictureError):
    """A crop begins outside of the picture."""

    ec = "0040-00000013"
    default_message = "Advance cut's position is out of image."


class CapacityError(OssFacesError):
    """The server cannot take this request now."""

    code = "ServiceUnavailable"
    http_status = 503
    ec = "0001-00000503"
    retryable = True
    default_message = "The server is busy. Please reduce your request rate and try again."


class Overloaded(CapacityError):
    """Too many requests are waiting."""


class DeadlineExceeded(CapacityError):
    """The answer would have come too late."""

    default_message = "The request could not be completed in time. Please try again later."


class InferenceError(OssFacesError):
    """A model could not be run."""


class ModelUnavailable(InferenceError):
    """A model file is missing or is not the one that the catalogue names."""


class EngineFailed(InferenceError):
    """The inference engine refused the input or broke down."""


class ConfigurationError(OssFacesError):
    """A flag, an environment variable or a key of the TOML file is wrong. Shown at start, never on the wire."""

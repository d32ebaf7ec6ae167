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
        RefusedAtDoor             503, retryable
        DeadlineExceeded          503, retryable
        WorkerLost                503, retryable
      InferenceError
        ModelUnavailable          500
        EngineFailed              500
      ConfigurationError          never on the wire: ends the start of the program

Codes, statuses and EC values come from the error pages of Alibaba Cloud OSS and from the official SDKs' own
tests. Where neither gives one, the value is our decision and is listed in docs/differences.md.
"""

from oss_faces.errors.capacity import (
    CapacityError,
    DeadlineExceeded,
    EngineFailed,
    InferenceError,
    ModelUnavailable,
    Overloaded,
    RefusedAtDoor,
    WorkerLost,
)
from oss_faces.errors.pictures import (
    CorruptImage,
    ImageError,
    ImageTooLarge,
    OutsidePicture,
    PictureDamaged,
    PictureError,
    PictureNotSupported,
    PictureTooLarge,
    UnsupportedFormat,
)
from oss_faces.errors.requests import (
    AccessDenied,
    AccessKeyIdAndSecurityTokenNotMatch,
    BucketNotAttached,
    EntityTooLarge,
    EntityTooSmall,
    IncompleteBody,
    InvalidAccessKeyId,
    InvalidArgument,
    InvalidBucketName,
    InvalidDigest,
    InvalidObjectName,
    InvalidPart,
    InvalidPartOrder,
    InvalidProcess,
    InvalidSecurityToken,
    MalformedXML,
    MethodNotAllowed,
    MissingArgument,
    MissingContentLength,
    NoSuchStyle,
    NotImplementedOnServer,
    RequestError,
    RequestTimeTooSkewed,
    SecurityTokenExpired,
    SignatureDoesNotMatch,
)
from oss_faces.errors.root import (
    ConfigurationError,
    OssFacesError,
)
from oss_faces.errors.storage import (
    BucketAlreadyExists,
    BucketIsMounted,
    BucketNotEmpty,
    FileAlreadyExists,
    InvalidRange,
    MeteringUnavailable,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    NotModified,
    ObjectNotAppendable,
    ObjectTooLarge,
    PositionNotEqualToLength,
    PreconditionFailed,
    StorageError,
    StorageUnavailable,
    TooManyBuckets,
    UpstreamDenied,
)

__all__ = [
    "AccessDenied",
    "AccessKeyIdAndSecurityTokenNotMatch",
    "BucketAlreadyExists",
    "BucketIsMounted",
    "BucketNotAttached",
    "BucketNotEmpty",
    "CapacityError",
    "ConfigurationError",
    "CorruptImage",
    "DeadlineExceeded",
    "EngineFailed",
    "EntityTooLarge",
    "EntityTooSmall",
    "FileAlreadyExists",
    "ImageError",
    "ImageTooLarge",
    "IncompleteBody",
    "InferenceError",
    "InvalidAccessKeyId",
    "InvalidArgument",
    "InvalidBucketName",
    "InvalidDigest",
    "InvalidObjectName",
    "InvalidPart",
    "InvalidPartOrder",
    "InvalidProcess",
    "InvalidRange",
    "InvalidSecurityToken",
    "MalformedXML",
    "MeteringUnavailable",
    "MethodNotAllowed",
    "MissingArgument",
    "MissingContentLength",
    "ModelUnavailable",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchStyle",
    "NoSuchUpload",
    "NotImplementedOnServer",
    "NotModified",
    "ObjectNotAppendable",
    "ObjectTooLarge",
    "OssFacesError",
    "OutsidePicture",
    "Overloaded",
    "PictureDamaged",
    "PictureError",
    "PictureNotSupported",
    "PictureTooLarge",
    "PositionNotEqualToLength",
    "PreconditionFailed",
    "RefusedAtDoor",
    "RequestError",
    "RequestTimeTooSkewed",
    "SecurityTokenExpired",
    "SignatureDoesNotMatch",
    "StorageError",
    "StorageUnavailable",
    "TooManyBuckets",
    "UnsupportedFormat",
    "UpstreamDenied",
    "WorkerLost",
]

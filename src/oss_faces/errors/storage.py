"""Errors of stores, of the counting of what is used, and of buckets that live elsewhere."""

from oss_faces.errors.root import OssFacesError


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

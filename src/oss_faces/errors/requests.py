"""Errors whose fault lies with the caller."""

from oss_faces.errors.root import OssFacesError


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

"""Which operation a request asks for: (level, method, sub-resource, header) -> action, as a table.

A request is refused rather than guessed at. Sub-resources that OSS knows and this server does not are
NotImplemented, other methods MethodNotAllowed; a request that writes or deletes is refused when it carries a
parameter that is not known here, since `DELETE /bucket?something` must not delete the bucket.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oss_faces.errors import InvalidArgument, MethodNotAllowed, NotImplementedOnServer
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.protocol.process import Outcome, resolve_process
from oss_faces.protocol.signing_v1 import OWN_SELECTOR
from oss_faces.values import Address, WireRequest


class Action(enum.Enum):
    """The operations of the wire. The value is the name that OSS gives it.

    Ours are `ProcessImageExpressions`, and what is asked about the server itself: `GetUsage` and `GetSystem`.
    """

    LIST_BUCKETS = "ListBuckets"
    PUT_BUCKET = "PutBucket"
    DELETE_BUCKET = "DeleteBucket"
    GET_BUCKET_INFO = "GetBucketInfo"
    GET_BUCKET_LOCATION = "GetBucketLocation"
    GET_BUCKET_ACL = "GetBucketAcl"
    PUT_BUCKET_ACL = "PutBucketAcl"
    LIST_OBJECTS = "ListObjects"
    LIST_OBJECTS_V2 = "ListObjectsV2"
    DELETE_OBJECTS = "DeleteMultipleObjects"
    PUT_OBJECT = "PutObject"
    COPY_OBJECT = "CopyObject"
    GET_OBJECT = "GetObject"
    HEAD_OBJECT = "HeadObject"
    GET_OBJECT_META = "GetObjectMeta"
    DELETE_OBJECT = "DeleteObject"
    GET_OBJECT_ACL = "GetObjectAcl"
    PUT_OBJECT_ACL = "PutObjectAcl"
    APPEND_OBJECT = "AppendObject"
    INITIATE_UPLOAD = "InitiateMultipartUpload"
    UPLOAD_PART = "UploadPart"
    UPLOAD_PART_COPY = "UploadPartCopy"
    COMPLETE_UPLOAD = "CompleteMultipartUpload"
    ABORT_UPLOAD = "AbortMultipartUpload"
    LIST_PARTS = "ListParts"
    LIST_UPLOADS = "ListMultipartUploads"
    DETECT_FACES = "ProcessImage"
    DETECT_EXPRESSIONS = "ProcessImageExpressions"
    PROCESS_PICTURE = "GetProcessedObject"
    PROCESS_OBJECT = "ProcessObject"
    GET_USAGE = "GetUsage"
    GET_SYSTEM = "GetSystem"

    @property
    def operation(self) -> str:
        """Service and name, as usage counts have them."""
        return f"{'faces' if self in _ABOUT_THE_SERVER.values() else 'oss'}:{self.value}"


class Level(enum.Enum):
    """What an address is: the service, a bucket or an object."""

    SERVICE = enum.auto()
    BUCKET = enum.auto()
    OBJECT = enum.auto()


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the table.

    Attributes:
        selector: sub-resource that must be in the query; empty for none at all.
        parameters: further parameters that the operation reads.
    """

    level: Level
    method: str
    selector: str
    action: Action
    parameters: frozenset[str] = frozenset()


_LISTING: Final = frozenset(
    {"prefix", "marker", "delimiter", "max-keys", "encoding-type", "start-after", "fetch-owner", "continuation-token"}
)

# Source: the pages of these names in the OSS API reference; the requests as the official SDKs send them.
_RULES: Final = (
    _Rule(Level.SERVICE, "GET", "", Action.LIST_BUCKETS, _LISTING),
    # Ours; which of the two it is, the value says.
    _Rule(Level.SERVICE, "GET", OWN_SELECTOR, Action.GET_SYSTEM),
    _Rule(Level.BUCKET, "GET", "", Action.LIST_OBJECTS, _LISTING),
    _Rule(Level.BUCKET, "GET", "list-type", Action.LIST_OBJECTS_V2, _LISTING),
    _Rule(Level.BUCKET, "GET", "bucketInfo", Action.GET_BUCKET_INFO),
    _Rule(Level.BUCKET, "GET", "uploads", Action.LIST_UPLOADS),
    _Rule(Level.BUCKET, "GET", "location", Action.GET_BUCKET_LOCATION),
    _Rule(Level.BUCKET, "GET", "acl", Action.GET_BUCKET_ACL),
    _Rule(Level.BUCKET, "PUT", "acl", Action.PUT_BUCKET_ACL),
    _Rule(Level.BUCKET, "PUT", "", Action.PUT_BUCKET),
    _Rule(Level.BUCKET, "DELETE", "", Action.DELETE_BUCKET),
    _Rule(Level.BUCKET, "POST", "delete", Action.DELETE_OBJECTS, frozenset({"encoding-type"})),
    _Rule(Level.OBJECT, "GET", "", Action.GET_OBJECT),
    _Rule(Level.OBJECT, "GET", "x-oss-process", Action.PROCESS_PICTURE),
    _Rule(Level.OBJECT, "POST", "x-oss-process", Action.PROCESS_OBJECT),
    _Rule(Level.OBJECT, "GET", "acl", Action.GET_OBJECT_ACL),
    _Rule(Level.OBJECT, "PUT", "acl", Action.PUT_OBJECT_ACL),
    _Rule(Level.OBJECT, "HEAD", "", Action.HEAD_OBJECT),
    # No SDK sends this; processing has no answer without a body, so it describes the object.
    _Rule(Level.OBJECT, "HEAD", "x-oss-process", Action.HEAD_OBJECT),
    _Rule(Level.OBJECT, "HEAD", "objectMeta", Action.GET_OBJECT_META),
    _Rule(Level.OBJECT, "PUT", "", Action.PUT_OBJECT),
    _Rule(Level.OBJECT, "DELETE", "", Action.DELETE_OBJECT),
    _Rule(Level.OBJECT, "POST", "append", Action.APPEND_OBJECT, frozenset({"position"})),
    _Rule(Level.OBJECT, "POST", "uploads", Action.INITIATE_UPLOAD, frozenset({"encoding-type"})),
    _Rule(Level.OBJECT, "PUT", "uploadId", Action.UPLOAD_PART, frozenset({"partNumber"})),
    _Rule(Level.OBJECT, "POST", "uploadId", Action.COMPLETE_UPLOAD, frozenset({"encoding-type"})),
    _Rule(Level.OBJECT, "DELETE", "uploadId", Action.ABORT_UPLOAD),
    _Rule(Level.OBJECT, "GET", "uploadId", Action.LIST_PARTS),
)

_TABLE: Final[Mapping[tuple[Level, str, str], _Rule]] = MappingProxyType(
    {(rule.level, rule.method, rule.selector): rule for rule in _RULES}
)

_SELECTORS: Final[Mapping[Level, frozenset[str]]] = MappingProxyType(
    {level: frozenset(rule.selector for rule in _RULES if rule.level is level) - {""} for level in Level}
)

_NOT_SERVED_NAMES: Final = """
accessMonitor accessPoint accessPointPolicy append archiveDirectRead asyncFetch callback callback-var
cloudboxes cname comp cors dataAccelerator dataPipelineConfiguration encryption httpsConfig img inventory
inventoryId lifecycle live logging metaQuery objectLink objectWorm partNumber policy policyStatus position
publicAccessBlock qos qosInfo referer regionList regions replication replicationLocation
replicationProgress requestPayment requesterQosInfo resourceGroup responseHeader restore rtc sequential stat
status style styleName symlink tagging transferAcceleration udf udfApplication udfApplicationLog udfId udfImage
udfImageDesc udfName uploadId uploads userDefinedLogFieldsConfig versionId versioning versions vod website worm
wormExtend wormId x-oss-async-process x-oss-write-get-object-response
"""
_NOT_SERVED: Final = frozenset(_NOT_SERVED_NAMES.split())
"""Sub-resources of OSS that select or change an operation and are not served. Source: OSS API reference."""

_ANALYSES: Final[Mapping[Outcome, Action]] = MappingProxyType(
    {Outcome.FACES: Action.DETECT_FACES, Outcome.EXPRESSIONS: Action.DETECT_EXPRESSIONS}
)

_ABOUT_THE_SERVER: Final[Mapping[str, Action]] = MappingProxyType(
    {"usage": Action.GET_USAGE, "system": Action.GET_SYSTEM}
)

_READING_METHODS: Final = frozenset({"GET", "HEAD"})
_AUTHENTICATION: Final = frozenset({"OSSAccessKeyId", "Expires", "Signature", "security-token"})


def resolve_action(request: WireRequest, address: Address) -> Action:
    """Find the operation. Unknown parameters do no harm to a request that reads.

    Raises:
        InvalidArgument: contradictory sub-resources, a bad process string, or a parameter that is not UTF-8.
        NoSuchStyle: the process string names a style.
        NotImplementedOnServer: OSS has this operation, this server has not.
        MethodNotAllowed: no operation has this method here.
    """
    query = parse_query(request.query)
    _check_text(query)
    level = _level(address)
    selectors = query.names & _SELECTORS[level]
    selector = min(selectors, default="")
    rule = _TABLE.get((level, request.method, selector))
    _refuse_what_is_not_served(request, level, query.names - (rule.parameters if rule else frozenset()))
    if len(selectors) > 1:
        raise InvalidArgument("The query names two sub-resources that exclude each other.")
    if rule is None:
        raise MethodNotAllowed
    if request.method not in _READING_METHODS:
        _check_parameters(query.names - {selector}, rule)
    return _refined(rule.action, request, query)


def _level(address: Address) -> Level:
    if not address.bucket:
        return Level.SERVICE
    return Level.OBJECT if address.key else Level.BUCKET


def _check_text(query: Query) -> None:
    try:
        for name, value in query.pairs:
            (name + value).encode()
    except UnicodeEncodeError:
        raise InvalidArgument("A query parameter is not UTF-8.") from None


def _refuse_what_is_not_served(request: WireRequest, level: Level, names: frozenset[str]) -> None:
    if "x-oss-async-process" in names:
        raise InvalidArgument("Asynchronous processing is not supported.")
    if not names.isdisjoint(_NOT_SERVED - _SELECTORS[level]):
        raise NotImplementedOnServer
    if request.method == "POST" and level is Level.BUCKET and "delete" not in names:
        raise NotImplementedOnServer("Uploads by HTML form are not supported.")


def _check_parameters(names: frozenset[str], rule: _Rule) -> None:
    others = names - rule.parameters - _AUTHENTICATION
    if any(not name.startswith("x-oss-") for name in others):
        raise NotImplementedOnServer("The query has a parameter that is not known here.")


def _refined(action: Action, request: WireRequest, query: Query) -> Action:
    """Look at the values and headers that decide within one line of the table."""
    if action is Action.PUT_OBJECT and request.header("x-oss-copy-source") is not None:
        return Action.COPY_OBJECT
    if action is Action.UPLOAD_PART and request.header("x-oss-copy-source") is not None:
        return Action.UPLOAD_PART_COPY
    if action is Action.LIST_OBJECTS_V2 and query.get("list-type") != "2":
        raise InvalidArgument("list-type must be 2.")
    if action is Action.GET_SYSTEM:
        asked = _ABOUT_THE_SERVER.get(query.get(OWN_SELECTOR) or "")
        if asked is None:
            raise InvalidArgument(f"{OWN_SELECTOR} must be one of {', '.join(_ABOUT_THE_SERVER)}.")
        return asked
    if action is Action.PROCESS_PICTURE:
        process = resolve_process(query.get("x-oss-process") or "")
        return _ANALYSES.get(process.outcome, action)
    return action

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_faces.errors import InvalidArgument, MethodNotAllowed, NoSuchStyle, NotImplementedOnServer, RequestError
from oss_faces.protocol.actions import Action, resolve_action
from oss_faces.values import Address, WireRequest

SERVICE, BUCKET, OBJECT = Address(), Address("b"), Address("b", "k")


def resolve(method, address, query="", *headers):
    """Find the action of a request; the path has no part in it."""
    return resolve_action(WireRequest(method, "/", query, headers), address)


@pytest.mark.parametrize(
    ("method", "address", "query", "action"),
    [
        ("GET", SERVICE, "", Action.LIST_BUCKETS),
        ("GET", SERVICE, "prefix=&marker=&max-keys=100", Action.LIST_BUCKETS),
        ("PUT", BUCKET, "", Action.PUT_BUCKET),
        ("DELETE", BUCKET, "", Action.DELETE_BUCKET),
        ("GET", BUCKET, "bucketInfo", Action.GET_BUCKET_INFO),
        ("GET", BUCKET, "bucketInfo=", Action.GET_BUCKET_INFO),
        ("GET", BUCKET, "location=", Action.GET_BUCKET_LOCATION),
        ("GET", BUCKET, "acl", Action.GET_BUCKET_ACL),
        ("GET", BUCKET, "acl=", Action.GET_BUCKET_ACL),
        ("PUT", BUCKET, "acl=", Action.PUT_BUCKET_ACL),
        ("GET", BUCKET, "", Action.LIST_OBJECTS),
        ("GET", BUCKET, "prefix=a+b&delimiter=%2F&marker=&max-keys=100&encoding-type=url", Action.LIST_OBJECTS),
        ("GET", BUCKET, "list-type=2&prefix=a&continuation-token=", Action.LIST_OBJECTS_V2),
        ("POST", BUCKET, "delete=&encoding-type=url", Action.DELETE_OBJECTS),
        ("POST", BUCKET, "delete", Action.DELETE_OBJECTS),
        ("GET", OBJECT, "", Action.GET_OBJECT),
        ("GET", OBJECT, "response-content-type=text%2Fplain&x-oss-traffic-limit=819200", Action.GET_OBJECT),
        ("GET", OBJECT, "utm_source=x", Action.GET_OBJECT),
        ("GET", OBJECT, "x-oss-process=image%2Ffaces", Action.DETECT_FACES),
        ("GET", OBJECT, "x-oss-process=image/faces&x-oss-traffic-limit=819200", Action.DETECT_FACES),
        ("GET", OBJECT, "x-oss-process=image/resize,w_800/faces", Action.DETECT_FACES),
        ("GET", OBJECT, "x-oss-process=image/resize,w_800/expressions", Action.DETECT_EXPRESSIONS),
        ("GET", OBJECT, "x-oss-process=image/resize,w_800", Action.PROCESS_PICTURE),
        ("GET", OBJECT, "x-oss-process=image%2Finfo", Action.PROCESS_PICTURE),
        ("POST", OBJECT, "x-oss-process=", Action.PROCESS_OBJECT),
        ("HEAD", OBJECT, "", Action.HEAD_OBJECT),
        ("HEAD", OBJECT, "x-oss-process=image%2Ffaces", Action.HEAD_OBJECT),
        ("HEAD", OBJECT, "objectMeta=", Action.GET_OBJECT_META),
        ("PUT", OBJECT, "", Action.PUT_OBJECT),
        ("PUT", OBJECT, "OSSAccessKeyId=id&Expires=1&Signature=s&security-token=t", Action.PUT_OBJECT),
        ("PUT", OBJECT, "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=s", Action.PUT_OBJECT),
        ("DELETE", OBJECT, "", Action.DELETE_OBJECT),
        ("GET", OBJECT, "acl", Action.GET_OBJECT_ACL),
        ("GET", SERVICE, "x-oss-faces=usage&by=day", Action.GET_USAGE),
        ("GET", SERVICE, "x-oss-faces=system", Action.GET_SYSTEM),
        # Where it means nothing it does no harm.
        ("GET", BUCKET, "x-oss-faces=usage", Action.LIST_OBJECTS),
        ("PUT", OBJECT, "acl=", Action.PUT_OBJECT_ACL),
        ("POST", OBJECT, "append=&position=0", Action.APPEND_OBJECT),
        ("POST", OBJECT, "uploads=", Action.INITIATE_UPLOAD),
        ("POST", OBJECT, "uploads&encoding-type=url", Action.INITIATE_UPLOAD),
        ("PUT", OBJECT, "partNumber=1&uploadId=2", Action.UPLOAD_PART),
        ("POST", OBJECT, "uploadId=2&encoding-type=url", Action.COMPLETE_UPLOAD),
        ("DELETE", OBJECT, "uploadId=2", Action.ABORT_UPLOAD),
        ("GET", OBJECT, "uploadId=2&part-number-marker=&max-parts=1000", Action.LIST_PARTS),
        ("GET", BUCKET, "uploads=&prefix=&delimiter=&key-marker=&upload-id-marker=", Action.LIST_UPLOADS),
    ],
)
def test_actions(method, address, query, action):
    """Each request that an SDK sends finds its operation; harmless parameters do not matter to a reader."""
    assert resolve(method, address, query) is action


def test_a_copy_source_makes_a_copy():
    """PUT with x-oss-copy-source is CopyObject, or, with an upload, UploadPartCopy."""
    assert resolve("PUT", OBJECT, "", ("x-oss-copy-source", "/b/k")) is Action.COPY_OBJECT
    part = resolve("PUT", OBJECT, "partNumber=1&uploadId=2", ("x-oss-copy-source", "/b/k"))
    assert part is Action.UPLOAD_PART_COPY


def test_every_action_can_be_reached():
    """No member of the enumeration is without a line in the table."""
    reached = {case[3] for case in test_actions.pytestmark[0].args[1]}
    assert reached | {Action.COPY_OBJECT, Action.UPLOAD_PART_COPY} == set(Action)


@pytest.mark.parametrize(
    ("method", "address", "query", "error"),
    [
        ("PUT", SERVICE, "", MethodNotAllowed),
        ("POST", SERVICE, "", MethodNotAllowed),
        ("HEAD", SERVICE, "", MethodNotAllowed),
        ("HEAD", BUCKET, "", MethodNotAllowed),
        ("OPTIONS", BUCKET, "", MethodNotAllowed),
        ("DELETE", BUCKET, "acl", MethodNotAllowed),
        ("DELETE", BUCKET, "location", MethodNotAllowed),
        ("PATCH", OBJECT, "", MethodNotAllowed),
        ("POST", OBJECT, "", MethodNotAllowed),
        ("DELETE", OBJECT, "acl", MethodNotAllowed),
        ("DELETE", OBJECT, "x-oss-process=image/faces", MethodNotAllowed),
        ("GET", OBJECT, "objectMeta", MethodNotAllowed),
        ("GET", OBJECT, "uploads", MethodNotAllowed),
        ("PUT", OBJECT, "append", MethodNotAllowed),
        ("HEAD", OBJECT, "uploadId=2", MethodNotAllowed),
        ("DELETE", BUCKET, "uploads", MethodNotAllowed),
        ("", OBJECT, "", MethodNotAllowed),
        # known to OSS, not served
        ("GET", SERVICE, "regions", NotImplementedOnServer),
        ("GET", BUCKET, "lifecycle", NotImplementedOnServer),
        ("PUT", BUCKET, "cors=", NotImplementedOnServer),
        ("DELETE", BUCKET, "policy", NotImplementedOnServer),
        ("GET", BUCKET, "versions", NotImplementedOnServer),
        ("POST", BUCKET, "", NotImplementedOnServer),
        ("POST", OBJECT, "uploads&sequential", NotImplementedOnServer),
        ("PUT", OBJECT, "partNumber=1", NotImplementedOnServer),
        ("GET", OBJECT, "partNumber=1", NotImplementedOnServer),
        ("PUT", OBJECT, "position=0", NotImplementedOnServer),
        ("DELETE", OBJECT, "uploadId=2&versionId=1", NotImplementedOnServer),
        ("GET", OBJECT, "versionId=1", NotImplementedOnServer),
        ("PUT", OBJECT, "callback=e30%3D", NotImplementedOnServer),
        ("POST", OBJECT, "x-oss-process=&somethingNew", NotImplementedOnServer),
        ("GET", OBJECT, "x-oss-process=image/blur,r_1,s_1", NotImplementedOnServer),
        # a request that writes must not do more than it says
        ("DELETE", BUCKET, "somethingNew", NotImplementedOnServer),
        ("PUT", BUCKET, "somethingNew=", NotImplementedOnServer),
        ("DELETE", OBJECT, "somethingNew", NotImplementedOnServer),
        ("PUT", OBJECT, "somethingNew", NotImplementedOnServer),
        ("POST", BUCKET, "delete&somethingNew", NotImplementedOnServer),
        ("DELETE", OBJECT, "uploadId=2&somethingNew", NotImplementedOnServer),
        ("POST", OBJECT, "append&position=0&somethingNew", NotImplementedOnServer),
        # contradictions and bad values
        ("GET", OBJECT, "acl&x-oss-process=image/faces", InvalidArgument),
        ("GET", BUCKET, "acl&location", InvalidArgument),
        ("POST", OBJECT, "uploads&uploadId=2", InvalidArgument),
        ("PUT", OBJECT, "acl&uploadId=2", InvalidArgument),
        ("GET", SERVICE, "x-oss-faces", InvalidArgument),
        ("GET", SERVICE, "x-oss-faces=secrets", InvalidArgument),
        ("GET", BUCKET, "list-type=3", InvalidArgument),
        ("GET", BUCKET, "list-type", InvalidArgument),
        ("GET", BUCKET, "prefix=%FF", InvalidArgument),
        ("GET", OBJECT, "x-oss-process", InvalidArgument),
        ("GET", OBJECT, "x-oss-process=", InvalidArgument),
        ("GET", OBJECT, "x-oss-process=image/unknown", InvalidArgument),
        ("GET", OBJECT, "x-oss-process=image/faces&x-oss-process=image/faces", InvalidArgument),
        ("POST", OBJECT, "x-oss-async-process=", InvalidArgument),
        ("GET", OBJECT, "x-oss-async-process=image/faces", InvalidArgument),
        ("GET", OBJECT, "x-oss-process=style/portrait", NoSuchStyle),
    ],
)
def test_refusals(method, address, query, error):
    """What is not served, not allowed or contradictory is refused with the documented error."""
    with pytest.raises(error) as caught:
        resolve(method, address, query)
    assert type(caught.value) is error


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "X"]),
    st.sampled_from([SERVICE, BUCKET, OBJECT]),
    st.text(st.characters(max_codepoint=255), max_size=60),
)
def test_garbage_raises_request_errors_only(method, address, query):
    """Whatever comes is an action or a documented refusal."""
    try:
        action = resolve(method, address, query)
    except RequestError:
        return
    assert isinstance(action, Action)

"""IMM on the port of the objects, without a socket."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import oss2
import pytest

from oss_faces.errors import MeteringUnavailable, Overloaded
from oss_faces.http import Edge, ImmService
from oss_faces.http.imm_service import new_imm_request_id
from oss_faces.metering import MemoryUsageStore
from oss_faces.protocol import ImmAction
from oss_faces.values import WireRequest
from tests.imm_requests import acs3, rpc
from tests.unit.http.imm_calls import ask, signed
from tests.unit.http.in_process import BODY_ID, KEY_ID, SECRET, InProcess, Message

MakeEdge = Callable[..., Edge]
PHOTO = "oss://photos/dir/photo.jpg"


def test_faces_under_their_other_name(session: InProcess, bucket: oss2.Bucket) -> None:
    """The records are those of image/faces, in `Faces`, with the id of the header."""
    answered, document = ask(session, signed("DetectImageFaces", ProjectName="p", SourceURI=PHOTO))
    figures = json.loads(bucket.get_object("dir/photo.jpg", process="image/faces").read())["Figures"]
    assert document == {"RequestId": BODY_ID, "Faces": figures}
    assert figures
    assert answered.status == 200
    assert answered.header("x-acs-request-id") == BODY_ID
    assert answered.header("content-type") == "application/json;charset=utf-8"
    assert answered.header("x-oss-request-id") is None


def test_comparing(session: InProcess, bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """The same picture twice is one person, and one comparison is counted."""
    source = json.dumps({"URI1": PHOTO, "URI2": PHOTO})
    answered, document = ask(session, signed("CompareImageFaces", ProjectName="p", Source=source))
    assert answered.status == 200
    assert 0.99 < document["Similarity"] <= 1
    [(key, counts)] = [row for row in usage.rows() if row[0].operation == "imm:CompareImageFaces"]
    assert (key.bucket, counts.image_compare, counts.image_detect) == ("photos", 1, 0)


def test_parameters_in_a_form(session: InProcess, bucket: oss2.Bucket) -> None:
    """Older clients send them so; the answer is the same."""
    body = urlencode({"ProjectName": "p", "SourceURI": PHOTO}).encode()
    assert len(ask(session, signed("DetectImageFaces", body))[1]["Faces"]) == 1


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda: signed("DetectImageFaces", SourceURI=PHOTO), 400, "MissingProjectName"),
        (lambda: signed("DetectImageFaces", ProjectName="p"), 400, "MissingSourceURI"),
        (lambda: signed("DetectImageFaces", ProjectName="p", SourceURI="photo.jpg"), 400, "InvalidArgument"),
        (lambda: signed("DetectImageFaces", ProjectName="p", SourceURI="oss://photos/absent"), 404, "ResourceNotFound"),
        (lambda: signed("DetectImageFaces", ProjectName="p", SourceURI="oss://absent/a"), 404, "ResourceNotFound"),
        (lambda: signed("DetectImageFaces", ProjectName="p", SourceURI="oss://photos/text"), 400, "InvalidArgument"),
        (lambda: signed("GetProject", ProjectName="p"), 404, "ResourceNotFound"),
        (lambda: signed("NoSuchAction"), 404, "InvalidAction.NotFound"),
        (lambda: signed("GetProject", version="2017-09-06", ProjectName="p"), 400, "InvalidVersion"),
        (lambda: signed("GetProject", b"x" * 300_000, ProjectName="p"), 400, "LimitExceededError"),
        (acs3, 404, "InvalidAccessKeyId.NotFound"),
        (rpc, 404, "InvalidAccessKeyId.NotFound"),
        (lambda: rpc(Timestamp="yesterday"), 400, "InvalidTimeStamp.Format"),
        (lambda: acs3(unlist="host"), 400, "IncompleteSignature"),
        (lambda: acs3(key=(KEY_ID, SECRET)), 400, "InvalidTimeStamp.Expired"),
        (lambda: acs3(key=(KEY_ID, "wrong")), 400, "SignatureDoesNotMatch"),
        (lambda: (WireRequest("POST", "/photos", "", (("x-acs-action", "A"),)), b""), 404, "InvalidAction.NotFound"),
        (lambda: (WireRequest("HEAD", "/", "", (("x-acs-action", "A"),)), b""), 400, "MissingAccessKeyId"),
        (lambda: (WireRequest("POST", "/", "a=%zz", (("x-acs-action", "A"),)), b""), 400, "InvalidArgument"),
    ],
)
def test_errors_are_json(
    make: Callable[[], tuple[WireRequest, bytes]], status: int, code: str, session: InProcess, bucket: oss2.Bucket
) -> None:
    """Each refusal has its documented code and status, five fields, and never a word of XML."""
    bucket.put_object("text", b"no picture")
    request, body = make()
    target = f"{request.path}?{request.query}" if request.query else request.path
    answered = session.exchange(
        request.method, target, {**dict(request.headers), "content-length": str(len(body))}, body
    )
    assert answered.status == status
    assert answered.header("content-type") == "application/json;charset=utf-8"
    assert answered.header("x-acs-request-id") == BODY_ID
    assert answered.header("x-oss-ec") is None
    if request.method == "HEAD":
        assert not answered.body
        return
    document = json.loads(answered.body)
    assert document["Code"] == code
    assert document["RequestId"] == BODY_ID
    assert {"RequestId", "HostId", "Code", "Message", "Recommend"} <= set(document)
    assert document["Message"]


def test_a_replay_is_refused(session: InProcess) -> None:
    """The very same request is answered once."""
    made = signed("ListProjects")
    assert ask(session, made)[0].status == 200
    answered, document = ask(session, made)
    assert (answered.status, document["Code"]) == (400, "SignatureNonceUsed")


def test_a_busy_server_says_so(make_edge: MakeEdge) -> None:
    """What may be tried again is 503, also here."""

    def busy(*_: object) -> None:
        raise Overloaded(2)

    session = InProcess(make_edge(imm_handlers={ImmAction.LIST_PROJECTS: busy}))
    answered, document = ask(session, signed("ListProjects"))
    assert (answered.status, document["Code"], answered.header("retry-after")) == (503, "ServiceUnavailable", "2")


def test_an_unforeseen_error_tells_nothing(make_edge: MakeEdge) -> None:
    """Whatever goes wrong inside stays inside."""

    def fail(*_: object) -> None:
        raise KeyError("secret")

    session = InProcess(make_edge(imm_handlers={ImmAction.LIST_PROJECTS: fail}))
    answered, document = ask(session, signed("ListProjects"))
    assert (answered.status, document["Code"]) == (500, "InternalError")
    assert b"secret" not in answered.body


def test_the_log_has_the_operation_and_no_secret(log: list[Message], make_edge: MakeEdge) -> None:
    """One line for a request, with the operation, the object and the key's id, and nothing that signs."""
    session = InProcess(make_edge())
    made = signed("DetectImageFaces", ProjectName="p", SourceURI="oss://absent/a.jpg")
    ask(session, made)
    [line] = log
    assert (line["action"], line["bucket"], line["key"]) == ("detect_image_faces", "absent", "a.jpg")
    assert (line["access_key_id"], line["status"], line["request_id"]) == (KEY_ID, 404, BODY_ID)
    authorization = made[0].header("authorization")
    assert authorization is not None
    assert authorization.rpartition("Signature=")[2] not in json.dumps(line)


def test_a_detection_is_counted(session: InProcess, bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """One call of DetectImageFaces is one detection, for the key and the bucket of the picture."""
    ask(session, signed("DetectImageFaces", ProjectName="p", SourceURI=PHOTO))
    [(key, counts)] = [row for row in usage.rows() if row[0].operation == "imm:DetectImageFaces"]
    assert (key.access_key_id, key.bucket, counts.image_detect) == (KEY_ID, "photos", 1)


def test_nothing_is_answered_uncounted(make_edge: MakeEdge, bucket: oss2.Bucket) -> None:
    """While counts cannot be kept IMM says so in its own form, and no face is shown."""

    class FullStore(MemoryUsageStore):
        def add(self, _batch: object) -> None:
            raise MeteringUnavailable(context={"reason": "full"})

    session = InProcess(make_edge(usage=FullStore()))
    answered, document = ask(session, signed("DetectImageFaces", ProjectName="p", SourceURI=PHOTO))
    assert answered.status == 503
    assert document["Code"] == "ServiceUnavailable"
    assert "Faces" not in document


def test_projects_and_attachments(session: InProcess, bucket: oss2.Bucket) -> None:
    """The whole life of a project, each step by its own operation."""

    def done(action: str, **parameters: str) -> dict[str, Any]:
        answered, document = ask(session, signed(action, **parameters))
        assert answered.status == 200, document
        return document

    made = done("CreateProject", ProjectName="p", Description="d")["Project"]
    assert (made["ProjectName"], made["Description"]) == ("p", "d")
    assert done("GetProject", ProjectName="p")["Project"] == made
    done("CreateProject", ProjectName="q")
    first = done("ListProjects", MaxResults="1")
    assert [project["ProjectName"] for project in first["Projects"]] == ["p"]
    rest = done("ListProjects", NextToken=first["NextToken"])
    assert ([project["ProjectName"] for project in rest["Projects"]], rest["NextToken"]) == (["q"], "")
    assert done("UpdateProject", ProjectName="p", Description="e")["Project"]["Description"] == "e"
    done("AttachOSSBucket", ProjectName="p", OSSBucket="photos")
    assert done("GetOSSBucketAttachment", OSSBucket="photos")["ProjectName"] == "p"
    [attached] = done("ListAttachedOSSBuckets", ProjectName="p")["AttachedOSSBuckets"]
    assert (attached["OSSBucket"], attached["OwnerId"]) == ("photos", "4711")
    answered, document = ask(session, signed("DeleteProject", ProjectName="p"))
    assert (answered.status, document["Code"]) == (409, "ResourceInUse")
    done("DetachOSSBucket", OSSBucket="photos")
    done("DeleteProject", ProjectName="p")
    assert ask(session, signed("GetProject", ProjectName="p"))[0].status == 404


def test_request_ids_have_their_documented_form() -> None:
    """An upper-case UUID, never the same twice."""
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", new_imm_request_id())
    assert new_imm_request_id() != new_imm_request_id()


def test_action_without_a_handler_is_found_at_start(make_edge: MakeEdge) -> None:
    """A table with a hole never reaches a client."""
    complete = make_edge()._services.imm
    assert isinstance(complete, ImmService)
    with pytest.raises(AssertionError, match="without a handler"):
        ImmService(complete._authenticator, {})

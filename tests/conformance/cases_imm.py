"""The cases of the IMM client. Each docstring is the claim."""

from typing import Any

from tests.conformance.bench import Bench
from tests.conformance.driver import Connect
from tests.conformance.world import BUCKET

PROJECT = "conformance"


def _call(bench: Bench, method: str, connect: Connect | None = None, **parameters: Any) -> dict[str, Any]:
    """Call an operation by the name of the client's method, with parameters as they go over the wire."""
    model = "".join(word.capitalize() for word in method.split("_")).replace("Ossbucket", "OSSBucket")
    return bench.ask("call", connect, method=method, model=model, parameters=parameters)["answer"]


def _faces(bench: Bench, key: str = "example.jpg", connect: Connect | None = None, bucket: str = BUCKET) -> list[Any]:
    answer = _call(bench, "detect_image_faces", connect, ProjectName=PROJECT, SourceURI=f"oss://{bucket}/{key}")
    assert set(answer) == {"RequestId", "Faces"}
    return answer["Faces"]


def imm_faces(bench: Bench) -> None:
    """DetectImageFaces, signed with ACS3-HMAC-SHA256, finds the faces that `oss-faces detect` finds."""
    found = [{**face, "FigureId": ""} for face in _faces(bench)]
    for face in found:
        assert face["Boundary"].pop("Polygon") == []  # of the client's model, not of the answer
    assert found == bench.world.faces_of_the_command_line()


def imm_faces_rpc(bench: Bench) -> None:
    """The older RPC signature, HMAC-SHA1, gives the same."""
    assert _faces(bench, connect=bench.connect.but(signature="rpc")) == _faces(bench)


def imm_faces_sts(bench: Bench) -> None:
    """Temporary credentials with their token get the faces, by either signature."""
    key = bench.world.temporary
    for signature in ("v4", "rpc"):
        temporary = bench.connect.but(id=key.id, secret=key.secret, token=key.token, signature=signature)
        assert len(_faces(bench, connect=temporary)) == 1


def imm_awkward_key(bench: Bench) -> None:
    """A key with unicode, blanks and plus signs is named raw in SourceURI."""
    assert len(_faces(bench, "imm/照片 a+b%20.jpg")) == 1


def imm_compare(bench: Bench) -> None:
    """CompareImageFaces says that a picture shows the same person as itself, and refuses one without a face."""
    photo, note = f"oss://{BUCKET}/example.jpg", f"oss://{BUCKET}/note.jpg"
    same = _call(bench, "compare_image_faces", ProjectName=PROJECT, Source={"URI1": photo, "URI2": photo})
    assert 0.99 < same["Similarity"] <= 1
    source = {"URI1": photo, "URI2": note}
    bench.fails("imm_not_a_picture", lambda: _call(bench, "compare_image_faces", ProjectName=PROJECT, Source=source))


def imm_projects(bench: Bench) -> None:
    """A project is made, read, listed, changed and deleted; then it is ResourceNotFound."""
    _call(bench, "create_project", ProjectName="life", Description="first")
    bench.fails("imm_project_exists", lambda: _call(bench, "create_project", ProjectName="life"))
    assert _call(bench, "get_project", ProjectName="life")["Project"]["Description"] == "first"
    assert "life" in [project["ProjectName"] for project in _call(bench, "list_projects")["Projects"]]
    _call(bench, "update_project", ProjectName="life", Description="second")
    assert _call(bench, "get_project", ProjectName="life")["Project"]["Description"] == "second"
    _call(bench, "delete_project", ProjectName="life")
    bench.fails("imm_missing_project", lambda: _call(bench, "get_project", ProjectName="life"))


def imm_attachments(bench: Bench) -> None:
    """A bucket is attached to a project, found there, and detached."""
    _call(bench, "create_project", ProjectName="attaching")
    _call(bench, "attach_ossbucket", ProjectName="attaching", OSSBucket=BUCKET)
    assert _call(bench, "get_ossbucket_attachment", OSSBucket=BUCKET)["ProjectName"] == "attaching"
    attached = _call(bench, "list_attached_ossbuckets", ProjectName="attaching")["AttachedOSSBuckets"]
    assert [entry["OSSBucket"] for entry in attached] == [BUCKET]
    _call(bench, "detach_ossbucket", OSSBucket=BUCKET)
    bench.fails("imm_missing_project", lambda: _call(bench, "get_ossbucket_attachment", OSSBucket=BUCKET))
    _call(bench, "delete_project", ProjectName="attaching")


def imm_wrong_secret(bench: Bench) -> None:
    """A wrong secret is SignatureDoesNotMatch by either signature."""
    for signature in ("v4", "rpc"):
        wrong = bench.connect.but(secret="wrong", signature=signature)
        bench.fails("imm_wrong_secret", lambda wrong=wrong: _faces(bench, connect=wrong))


def imm_unknown_key(bench: Bench) -> None:
    """A key id that nobody has is InvalidAccessKeyId.NotFound."""
    bench.fails("imm_unknown_key", lambda: _faces(bench, connect=bench.connect.but(id="nobody")))


def imm_skewed_clock(bench: Bench) -> None:
    """A clock that is an hour off is InvalidTimeStamp.Expired."""
    bench.fails("imm_skewed_clock", lambda: _faces(bench, connect=bench.world.connect_ahead))


def imm_missing_object(bench: Bench) -> None:
    """An object or a bucket that does not exist is ResourceNotFound."""
    bench.fails("imm_missing_object", lambda: _faces(bench, "nothing.jpg"))
    bench.fails("imm_missing_object", lambda: _faces(bench, bucket="no-such-bucket"))


def imm_not_a_picture(bench: Bench) -> None:
    """Text under the name of a picture is InvalidArgument."""
    bench.fails("imm_not_a_picture", lambda: _faces(bench, "note.jpg"))


def imm_too_large(bench: Bench) -> None:
    """A file over the limit is LimitExceededError."""
    bench.fails("imm_too_large", lambda: _faces(bench, "large.jpg"))


def imm_missing_parameter(bench: Bench) -> None:
    """A parameter that is left out is named by the code."""
    bench.fails("imm_missing_parameter", lambda: _call(bench, "detect_image_faces", ProjectName=PROJECT))


def imm_no_grant(bench: Bench) -> None:
    """A key that may only ask for faces is refused to make a project."""
    reader = bench.connect.but(id=bench.world.reader.id, secret=bench.world.reader.secret)
    bench.fails("imm_no_grant", lambda: _call(bench, "create_project", reader, ProjectName="refused"))


CASES = (
    imm_faces,
    imm_faces_rpc,
    imm_faces_sts,
    imm_awkward_key,
    imm_compare,
    imm_projects,
    imm_attachments,
    imm_wrong_secret,
    imm_unknown_key,
    imm_skewed_clock,
    imm_missing_object,
    imm_not_a_picture,
    imm_too_large,
    imm_missing_parameter,
    imm_no_grant,
)

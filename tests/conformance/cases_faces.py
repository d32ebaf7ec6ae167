"""The cases about image/faces. Each docstring is the claim."""

import json

from PIL import Image

from tests.conformance.bench import FACES, Bench, by_name, one_face, without_request_id
from tests.conformance.driver import Connect
from tests.conformance.world import BUCKET


def faces_v4(bench: Bench) -> None:
    """image/faces with signature V4 in the header finds the face."""
    one_face(bench.get("example.jpg", process=FACES))


def faces_v1(bench: Bench) -> None:
    """image/faces with signature V1 in the header finds the face."""
    one_face(bench.get("example.jpg", bench.connect.but(signature="v1"), process=FACES))


def faces_v1_unsigned_process(bench: Bench) -> None:
    """This SDK does not sign x-oss-process with V1: such a request or URL is refused, a plain GET is served."""
    v1 = bench.connect.but(signature="v1")
    assert bench.get("example.jpg", v1) == bench.world.picture
    bench.fails("unsigned_process", lambda: bench.get("example.jpg", v1, process=FACES))
    url = bench.ask("presign", v1, method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    status, _, body = bench.world.raw(url)
    assert (status, b"<Code>SignatureDoesNotMatch</Code>" in body) == (403, True)


def faces_presigned_v4(bench: Bench) -> None:
    """A V4 URL that the client makes gives the faces to a program without any SDK."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    assert "OSS4-HMAC-SHA256" in url
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def faces_presigned_v1(bench: Bench) -> None:
    """A V1 URL that the client makes gives the faces."""
    v1 = bench.connect.but(signature="v1")
    if bench.client.name == "node":  # it makes V1 URLs for names only
        v1 = by_name(v1)
    url = bench.ask("presign", v1, method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    assert "OSSAccessKeyId=" in url
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def faces_virtual_host(bench: Bench) -> None:
    """A URL with the bucket in the host name gives the faces."""
    url = bench.ask("presign", by_name(bench.connect), method="GET", key="example.jpg", process=FACES, expires_s=600)[
        "url"
    ]
    assert url.startswith(f"http://{BUCKET}.localhost:")
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def faces_equal_raw(bench: Bench) -> None:
    """The client hands on the very bytes that a raw GET receives, of faces and of the picture."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    raw = bench.world.raw(url)[2]
    assert without_request_id(bench.get("example.jpg", process=FACES)) == without_request_id(raw)
    plain = bench.ask("presign", method="GET", key="example.jpg", expires_s=600)["url"]
    assert bench.get("example.jpg") == bench.world.raw(plain)[2] == bench.world.picture


def faces_to_file(bench: Bench) -> None:
    """The client's download to a file, which compares checksums, takes faces and picture."""
    faces, picture = bench.folder / "faces.json", bench.folder / "picture.jpg"
    bench.ask("get_file", key="example.jpg", process=FACES, path=faces)
    one_face(faces.read_bytes())
    bench.ask("get_file", key="example.jpg", path=picture)
    assert picture.read_bytes() == bench.world.picture


def faces_url_through_client(bench: Bench) -> None:
    """The client's own call for presigned URLs gives the faces."""
    url = bench.ask("presign", method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    one_face(bench.ask("get_url", url=url)["body"])


def _temporary(bench: Bench) -> Connect:
    key = bench.world.temporary
    return bench.connect.but(id=key.id, secret=key.secret, token=key.token)


def faces_sts(bench: Bench) -> None:
    """Temporary credentials, whose token goes along in the header, get the faces."""
    one_face(bench.get("example.jpg", _temporary(bench), process=FACES))


def faces_sts_v1(bench: Bench) -> None:
    """The same with signature V1."""
    one_face(bench.get("example.jpg", _temporary(bench).but(signature="v1"), process=FACES))


def faces_sts_presigned(bench: Bench) -> None:
    """A URL made with temporary credentials gives the faces."""
    url = bench.ask("presign", _temporary(bench), method="GET", key="example.jpg", process=FACES, expires_s=600)["url"]
    status, _, body = bench.world.raw(url)
    assert status == 200, body
    one_face(body)


def same_faces(bench: Bench) -> None:
    """The faces are those that `oss-faces detect` finds in the same file without a server, ids apart."""
    found = [{**face, "FigureId": ""} for face in one_face(bench.get("example.jpg", process=FACES))]
    assert found == bench.world.faces_of_the_command_line()


def faces_of_a_crop(bench: Bench) -> None:
    """The operation may end a chain of operations; its box then refers to what they made."""
    (whole,) = one_face(bench.get("example.jpg", process=FACES))
    (found,) = one_face(bench.get("example.jpg", process="image/crop,x_60,y_0,w_200,h_200/faces"))
    assert abs(whole["Boundary"]["Left"] - found["Boundary"]["Left"] - 60) < 12


def picture_operations(bench: Bench) -> None:
    """image/info describes the picture, and a resized one is a picture of that size, also as a file."""
    described = json.loads(bench.get("example.jpg", process="image/info"))
    assert (described["ImageWidth"]["value"], described["Format"]["value"]) == ("320", "jpg")
    small = bench.folder / "small.jpg"
    bench.ask("get_file", key="example.jpg", process="image/resize,w_100", path=small)
    with Image.open(small) as picture:
        assert (picture.format, picture.size) == ("JPEG", (100, 100))


CASES = (
    faces_v4, faces_v1, faces_v1_unsigned_process, faces_sts, faces_sts_v1, faces_presigned_v4, faces_presigned_v1,
    faces_sts_presigned, faces_virtual_host, faces_equal_raw, faces_to_file, faces_url_through_client, same_faces,
    faces_of_a_crop, picture_operations,
)  # fmt: skip

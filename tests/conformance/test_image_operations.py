"""Image operations through both official Python SDKs, against the real server and its detector."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import alibabacloud_oss_v2 as oss
import numpy as np
import oss2
import pytest
from PIL import Image

from tests.running import REGION, RunningServer, portrait

# The portrait is 512 x 512; a face found in an edited picture lies where the edit takes it, within so many pixels: the
# detector does not see the same pixels again.
TOLERANCE_PX = 3

Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def v2(server: RunningServer) -> oss.Client:
    config = oss.config.load_default()
    config.endpoint, config.region = server.endpoint, REGION
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(
        server.access_key_id, server.access_key_secret
    )
    return oss.Client(config)


@pytest.fixture(params=["oss2-V4", "oss2-V1", "v2"])
def get(
    request: pytest.FixtureRequest, server: RunningServer, bucket: oss2.Bucket, v2: oss.Client
) -> Callable[[str], bytes]:
    """Get the processed portrait through one SDK and signature."""
    if request.param == "v2":
        return lambda process: (
            v2.get_object(oss.GetObjectRequest("examplebucket", "example.jpg", process=process)).body.content
        )
    kind = oss2.AuthV4 if request.param == "oss2-V4" else oss2.Auth
    auth = kind(server.access_key_id, server.access_key_secret)
    client = oss2.Bucket(auth, server.endpoint, bucket.bucket_name, region=REGION)
    return lambda process: client.get_object("example.jpg", process=process).read()


def boxes(bucket: oss2.Bucket, process: str, key: str = "example.jpg") -> list[Box]:
    """Edges of every face: left, top, right, bottom."""
    answer = json.loads(bucket.get_object(key, process=process).read())
    found = [figure["Boundary"] for figure in answer["Figures"]]
    return [(box["Left"], box["Top"], box["Left"] + box["Width"], box["Top"] + box["Height"]) for box in found]


def test_pictures_and_facts(get: Callable[[str], bytes]) -> None:
    """Each SDK gets the picture that it asked for, and the JSON of the stored one."""
    image = Image.open(io.BytesIO(get("image/resize,w_100/format,jpg/quality,Q_80")))
    assert (image.format, image.size) == ("JPEG", (100, 100))
    expected = np.asarray(Image.open(portrait()).convert("RGB").resize((100, 100)), np.int16)
    assert np.abs(np.asarray(image, np.int16) - expected).mean() < 8
    facts = json.loads(get("image/info"))
    assert facts["ImageWidth"] == facts["ImageHeight"] == {"value": "512"}
    assert (facts["Format"], facts["FileSize"]) == ({"value": "png"}, {"value": str(portrait().stat().st_size)})


def test_headers_are_of_what_is_sent(bucket: oss2.Bucket, tmp_path: Path, v2: oss.Client) -> None:
    """Type, length and checksum are the new picture's, so that downloads to a file pass; ETag and date are not."""
    stored = bucket.head_object("example.jpg")
    made = bucket.get_object("example.jpg", process="image/resize,w_64/format,webp", byte_range=(0, 9))
    content = made.read()
    assert (made.status, made.headers["content-type"]) == (200, "image/webp")
    assert (made.content_length, made.etag, made.last_modified) == (len(content), stored.etag, stored.last_modified)
    target = str(tmp_path / "picture")
    bucket.get_object_to_file("example.jpg", target, process="image/resize,w_64/format,webp")
    assert Path(target).read_bytes() == content
    v2.get_object_to_file(
        oss.GetObjectRequest("examplebucket", "example.jpg", process="image/resize,w_64/format,webp"), target
    )
    assert Path(target).read_bytes() == content


def test_conditions_are_on_the_stored_object(bucket: oss2.Bucket) -> None:
    """Who has the picture made of this version is told so."""
    etag = bucket.head_object("example.jpg").etag
    with pytest.raises(oss2.exceptions.NotModified):
        bucket.get_object("example.jpg", process="image/resize,w_64", headers={"If-None-Match": f'"{etag}"'})
    with pytest.raises(oss2.exceptions.PreconditionFailed):
        bucket.get_object("example.jpg", process="image/resize,w_64", headers={"If-Match": '"other"'})


def test_presigned_url_covers_the_operation(server: RunningServer, bucket: oss2.Bucket) -> None:
    """A URL for a thumbnail gives the thumbnail, and not the original."""
    url = bucket.sign_url("GET", "example.jpg", 60, params={"x-oss-process": "image/resize,w_64"}, slash_safe=True)
    made = bucket.get_object_with_url(url).read()
    assert Image.open(io.BytesIO(made)).size == (64, 64)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        bucket.get_object_with_url(url.replace("w_64", "w_65"))


@pytest.mark.parametrize(
    ("chain", "scale", "offset"),
    [
        ("resize,w_400", 400 / 512, (0, 0)),
        ("resize,w_256/format,webp/quality,q_10", 0.5, (0, 0)),
        ("resize,p_200", 2.0, (0, 0)),
        ("crop,x_100,y_20,w_300,h_300", 1.0, (100, 20)),
        ("crop,w_400,h_400,g_north", 1.0, (56, 0)),
        ("resize,m_fill,w_300,h_270,limit_0", 300 / 512, (0, 25.6)),
        ("resize,m_pad,w_512,h_562,limit_0", 1.0, (0, -25)),
        ("crop,x_100,y_20,w_300,h_300/resize,w_600,limit_0", 2.0, (100, 20)),
        ("rotate,90/rotate,270", 1.0, (0, 0)),
        ("auto-orient,1", 1.0, (0, 0)),
    ],
)
def test_boxes_are_in_the_edited_picture(
    bucket: oss2.Bucket, chain: str, scale: float, offset: tuple[float, float]
) -> None:
    """The one face is found where the chain takes it: box = (box in the stored picture - offset) * scale."""
    [whole] = boxes(bucket, "image/faces")
    [edited] = boxes(bucket, f"image/{chain}/faces")
    expected = [(edge - offset[side % 2]) * scale for side, edge in enumerate(whole)]
    assert edited == pytest.approx(expected, abs=TOLERANCE_PX * max(1, scale))


def test_faces_of_a_chain_are_those_of_its_picture(bucket: oss2.Bucket) -> None:
    """Without loss in between, `chain/faces` is `faces` of what the chain gives, to the pixel."""
    bucket.process_object("example.jpg", f"image/resize,w_400/rotate,10/format,png|sys/saveas,o_{name('turned.png')}")
    assert boxes(bucket, "image/resize,w_400/rotate,10/faces") == boxes(bucket, "image/faces", "turned.png") != []


@pytest.mark.parametrize("orientation", [3, 6])
def test_stored_orientation_and_chains(bucket: oss2.Bucket, orientation: int) -> None:
    """A picture stored on its side has its face where a viewer sees it, whether or not it is turned by the chain."""
    stored_by = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}[orientation]
    exif, target = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.open(portrait()).convert("RGB").transpose(stored_by).save(target, "PNG", exif=exif)
    bucket.put_object("side.png", target.getvalue())
    [upright] = boxes(bucket, "image/resize,w_400/faces")
    for chain in ("resize,w_400", "auto-orient,1/resize,w_400"):
        [found] = boxes(bucket, f"image/{chain}/faces", "side.png")
        assert found == pytest.approx(upright, abs=2)


def name(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.fixture
def other(server: RunningServer) -> Iterator[oss2.Bucket]:
    made = server.bucket("resultbucket")
    made.create_bucket()
    yield made
    for entry in oss2.ObjectIterator(made):
        made.delete_object(entry.key)
    made.delete_bucket()


def test_results_are_saved(bucket: oss2.Bucket, other: oss2.Bucket, v2: oss.Client) -> None:
    """ProcessObject by both SDKs stores what GetObject would have answered, and says so."""
    edits = "image/resize,w_64/format,jpg"
    expected = bucket.get_object("example.jpg", process=edits).read()
    saved = bucket.process_object("example.jpg", f"{edits}|sys/saveas,o_{name('ä/1.jpg')},b_{name('resultbucket')}")
    assert (saved.bucket, saved.object, saved.fileSize) == ("resultbucket", "ä/1.jpg", len(expected))
    assert saved.process_status == "OK"
    found = v2.process_object(
        oss.ProcessObjectRequest(
            bucket="examplebucket",
            key="example.jpg",
            process=f"{edits}|sys/saveas,o_{name('2.jpg')},b_{name('resultbucket')}",
        )
    )
    assert (found.bucket, found.key, found.file_size) == ("resultbucket", "2.jpg", len(expected))
    assert found.process_status == "OK"
    for key in ("ä/1.jpg", "2.jpg"):
        stored = other.get_object(key)
        assert (stored.read(), stored.headers["content-type"]) == (expected, "image/jpeg")


@pytest.mark.parametrize(
    ("process", "status", "code"),
    [
        ("image/resize,w_0", 400, "InvalidArgument"),
        ("image/resize,w_100,w_200", 400, "InvalidArgument"),
        ("image/faces/resize,w_100", 400, "InvalidArgument"),
        ("image/resize,w_100/faces,x_1", 400, "InvalidArgument"),
        ("image/info/resize,w_100", 400, "InvalidArgument"),
        ("image/crop,x_512", 400, "InvalidArgument"),
        ("image/resize,w_16384,h_16384,m_fixed,limit_0", 400, "ImageTooLarge"),
        ("image/crop,x_512/faces", 400, "Imm Client"),
        ("image/resize,w_16384,h_16384,m_fixed,limit_0/faces", 400, "ImageTooLarge"),
        ("image/watermark,text_aGk", 501, "NotImplemented"),
        ("image/format,heic", 501, "NotImplemented"),
        ("style/portrait", 404, "NoSuchStyle"),
    ],
)
def test_refusals(bucket: oss2.Bucket, v2: oss.Client, process: str, status: int, code: str) -> None:
    """Each with its documented code, in both SDKs."""
    with pytest.raises(oss2.exceptions.OssError) as caught:
        bucket.get_object("example.jpg", process=process)
    assert (caught.value.status, caught.value.code) == (status, code)
    with pytest.raises(oss.exceptions.OperationError) as failed:
        v2.get_object(oss.GetObjectRequest("examplebucket", "example.jpg", process=process))
    error = failed.value.unwrap()
    assert (error.status_code, error.code) == (status, code)


def test_what_is_no_picture(bucket: oss2.Bucket) -> None:
    """The errors of the classic family, and of image/faces with the same object."""
    bucket.put_object("text.jpg", b"no picture")
    bucket.put_object("cut.png", portrait().read_bytes()[:10_000])
    for key, process, expected in (
        ("text.jpg", "image/resize,w_8", (400, "InvalidArgument", "0040-00000005")),
        ("text.jpg", "image/info", (400, "InvalidArgument", "0040-00000005")),
        ("cut.png", "image/resize,w_8", (403, "ImageDamage", "0040-00000006")),
        ("text.jpg", "image/resize,w_8/faces", (400, "Imm Client", "0056-00000001")),
        ("missing", "image/resize,w_8", (404, "NoSuchKey", "0026-00000001")),
    ):
        with pytest.raises(oss2.exceptions.OssError) as caught:
            bucket.get_object(key, process=process)
        error = caught.value
        assert (error.status, error.code, error.details["EC"]) == expected


@pytest.mark.parametrize(
    ("process", "code"),
    [
        ("image/resize,w_8", "InvalidArgument"),
        ("image/faces|sys/saveas,o_eA", "InvalidArgument"),
        ("image/resize,w_8/faces|sys/saveas,o_eA", "InvalidArgument"),
        ("image/resize,w_8|sys/saveas,b_eA", "InvalidArgument"),
        (f"image/resize,w_8|sys/saveas,o_eA,b_{name('nobucket')}", "NoSuchBucket"),
    ],
)
def test_what_cannot_be_saved(bucket: oss2.Bucket, process: str, code: str) -> None:
    """The code of what is wrong, and nothing stored."""
    with pytest.raises(oss2.exceptions.OssError) as caught:
        bucket.process_object("example.jpg", process)
    assert caught.value.code == code
    assert not bucket.object_exists("x")

"""Pictures that are made to hurt, through the whole server: each is answered or refused, and the server goes on."""

import io
import json
import struct
import zlib

import numpy as np
import oss2
import pillow_heif
import pytest
from PIL import Image

from oss_faces.detection import DetectionSettings
from tests.running import portrait
from tests.server.test_odd_files import peak_memory_bytes
from tests.unit.decoding import pictures

SIDE = 30_000
MIB = 1024 * 1024
FACE = (160, 40, 290, 170)  # of the astronaut
TILE, TILES = 24, 100


def flat(format_name: str, width: int, height: int, mode: str = "L", **options) -> bytes:
    """A whole picture of one colour."""
    target = io.BytesIO()
    image = Image.new(mode, (width, height))
    if format_name == "HEIC":
        pillow_heif.from_pillow(image.convert("RGB")).save(target, quality=10)
    else:
        image.save(target, format_name, **options)
    return target.getvalue()


def stated(data: bytes, kind: bytes, *sides: tuple[int, int]) -> bytes:
    """A file whose header states another size than it has."""
    true, false = (struct.pack(kind, *sizes) for sizes in sides)
    assert data.count(true) >= 1
    return data.replace(true, false)


def png_bomb() -> bytes:
    """A real one: 25,000 x 25,000 grey pixels in less than three megabytes."""
    packer = zlib.compressobj(1)
    rows = b"\0" * (1 + 25_000) * 100
    packed = b"".join(packer.compress(rows) for _ in range(250)) + packer.flush()
    header = struct.pack(">IIBBBBB", 25_000, 25_000, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(pictures.png_chunk(*chunk) for chunk in chunks)


BOMBS = {
    "png": png_bomb,
    "png, stated only": lambda: pictures.png(SIDE, SIDE, b""),
    "jpeg": lambda: pictures.jpeg_head(SIDE, SIDE) + b"\0" * 100,
    "jpeg, progressive": lambda: pictures.jpeg_head(20_000, 12_000, 0xC2) + b"\xff\xda" * 100,
    "gif": lambda: pictures.gif_head(60_000, 60_000) + pictures.gif_frame(60_000, 60_000) + b";",
    "gif, frames": lambda: pictures.gif_head(1000, 1000) + pictures.gif_frame(1000, 1000) * 100_000 + b";",
    "webp": lambda: pictures.webp_head(16_383, 16_383),
    "tiff": lambda: pictures.tiff(pictures.tiff_grey(SIDE, SIDE)),
    "bmp": lambda: pictures.bmp_head(SIDE, SIDE) + bytes(1000),
    "heic": lambda: stated(flat("HEIC", 64, 64), b">II", (64, 64), (SIDE, SIDE)),
    "avif": lambda: stated(flat("AVIF", 64, 48, "RGB"), b">II", (64, 48), (SIDE, SIDE)),
}


def ask(bucket: oss2.Bucket, key: str, process: str = "image/faces") -> tuple[int, str]:
    """Return the status, and the code of an error."""
    try:
        answer = bucket.get_object(key, process=process)
        answer.read()
    except oss2.exceptions.ServerError as error:
        return error.status, error.code
    return answer.status, ""


@pytest.mark.parametrize("bomb", BOMBS)
def test_bomb_is_refused(server, bucket, bomb):
    """A small file that would be a huge picture is refused by its header, for faces and for edits."""
    content = BOMBS[bomb]()
    assert len(content) < 4 * MIB
    bucket.put_object("bomb", content)
    before = peak_memory_bytes(server.process.pid)
    assert ask(bucket, "bomb") in {(400, "ImageTooLarge"), (400, "Imm Client")}
    assert ask(bucket, "bomb", "image/resize,w_10")[0] in (400, 403)
    assert peak_memory_bytes(server.process.pid) - before < 64 * MIB


@pytest.mark.parametrize(("width", "height"), [(1, SIDE), (SIDE, 1)])
@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "GIF", "BMP"])
def test_thinnest_pictures_have_no_faces(bucket, format_name, width, height):
    """A line of 30,000 pixels is a picture like others: it is searched, described and resized."""
    bucket.put_object("line", flat(format_name, width, height))
    assert json.loads(bucket.get_object("line", process="image/faces").read())["Figures"] == []
    facts = json.loads(bucket.get_object("line", process="image/info").read())
    assert (facts["ImageWidth"]["value"], facts["ImageHeight"]["value"]) == (str(width), str(height))
    assert ask(bucket, "line", "image/resize,l_100") == (200, "")


@pytest.mark.parametrize(("width", "height"), [(1, SIDE + 1), (SIDE + 1, 1)])
def test_one_pixel_more_is_too_much(bucket, width, height):
    """The limit on a side is exact."""
    bucket.put_object("line", flat("PNG", width, height))
    assert ask(bucket, "line") == (400, "ImageTooLarge")


def test_gif_of_a_hundred_thousand_frames_is_answered(bucket):
    """Frames of one pixel stay under the limit on pixels; only the first one is looked at."""
    bucket.put_object("film.gif", pictures.gif_head(1, 1) + pictures.gif_frame(1, 1) * 100_000 + b";")
    assert json.loads(bucket.get_object("film.gif", process="image/faces").read())["Figures"] == []


def test_ten_thousand_tiny_faces(bucket):
    """A wall of faces: at most as many as the limit says, or the documented 503; then the next picture is answered."""
    face = Image.open(portrait()).convert("RGB").crop(FACE).resize((TILE, TILE), Image.Resampling.LANCZOS)
    wall = Image.fromarray(np.tile(np.asarray(face), (TILES, TILES, 1)))
    target = io.BytesIO()
    wall.save(target, "JPEG", quality=90)
    bucket.put_object("wall.jpg", target.getvalue())
    status, code = ask(bucket, "wall.jpg")
    assert (status, code) in {(200, ""), (503, "ServiceUnavailable")}
    if status == 200:
        figures = json.loads(bucket.get_object("wall.jpg", process="image/faces").read())["Figures"]
        assert 100 <= len(figures) <= DetectionSettings().faces_max
    assert len(json.loads(bucket.get_object("example.jpg", process="image/faces").read())["Figures"]) == 1

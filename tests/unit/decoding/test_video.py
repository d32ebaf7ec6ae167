"""Video files to pictures: which frames, which way up, and what is refused."""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from oss_faces.decoding import DecodingSettings, VideoSettings, open_video
from oss_faces.errors import ConfigurationError, CorruptImage, ImageError, ImageTooLarge, UnsupportedFormat
from oss_faces.values import Image, ImageSize
from tests.videos import encode, shades

DECODING, SETTINGS = DecodingSettings(), VideoSettings()


def frames(
    path: Path, per_second: float = 60, settings: VideoSettings = SETTINGS, decoding: DecodingSettings = DECODING
) -> list[tuple[float, Image]]:
    with open_video(path, settings, decoding) as video:
        return [(round(frame.time_s, 3), frame.picture()) for frame in video.frames(per_second)]


def grey(image: Image) -> int:
    """The shade of a frame of `shades`, to the nearest ten."""
    return round(float(image.pixels[:, image.pixels.shape[1] // 2 :].mean()) / 10) * 10


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "avi", "ts"])
def test_every_frame_comes_with_its_time(tmp_path: Path, ending: str) -> None:
    """In each container that is written here, the times count from the first frame."""
    found = frames(encode(tmp_path / f"a.{ending}", shades(6)))
    assert [time_s for time_s, _ in found] == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert [grey(image) for _, image in found] == [0, 10, 20, 30, 40, 50]
    assert {(image.size, image.format, image.pixels.shape) for _, image in found} == {
        (ImageSize(64, 48), "video", (48, 64, 3))
    }


@pytest.mark.parametrize(
    ("per_second", "times"),
    [
        (10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]),
        (5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (4, [0, 0.3, 0.5, 0.8, 1.0]),
        (1, [0, 1.0]),
        (0.5, [0]),
    ],
)
def test_only_so_many_frames_of_a_second(tmp_path: Path, per_second: float, times: list[float]) -> None:
    """The first frame of each part of a second, and no frame twice."""
    assert [time_s for time_s, _ in frames(encode(tmp_path / "a.mp4", shades(12)), per_second)] == times


@pytest.mark.parametrize(
    ("rotation", "edge"), [(0, "left"), (90, "bottom"), (180, "right"), (270, "top"), (-90, "top")]
)
def test_frames_are_upright(tmp_path: Path, rotation: int, edge: str) -> None:
    """A telephone held upright says so in the file: the red bar goes where a viewer shows it."""
    [(_, image)] = frames(encode(tmp_path / "a.mp4", shades(1), rotation=rotation))
    assert image.size == (ImageSize(48, 64) if rotation % 180 else ImageSize(64, 48))
    assert image.pixels.flags.c_contiguous
    bars = {
        "left": image.pixels[:, :8],
        "right": image.pixels[:, -8:],
        "top": image.pixels[:8],
        "bottom": image.pixels[-8:],
    }
    assert [name for name, bar in bars.items() if bar[..., 0].mean() > 200] == [edge]


def test_large_frames_are_reduced(tmp_path: Path) -> None:
    """As pictures are: pixels of a half or a quarter, in the frame of the source."""
    path = encode(tmp_path / "a.mp4", shades(1, 128, 64))
    [(_, image)] = frames(path, decoding=DecodingSettings(reduced_pixels=600))
    assert (image.size, image.pixels.shape) == (ImageSize(128, 64), (32, 64, 3))


def test_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    """A text, an empty file, and a play list, which would open other files."""
    inside = encode(tmp_path / "a.ts", shades(2))
    (tmp_path / "text").write_text("no video " * 1000)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{inside}\n#EXT-X-ENDLIST\n")
    for name in ("text", "empty", "list.m3u8"):
        with pytest.raises(UnsupportedFormat):
            frames(tmp_path / name)


def test_damaged_beginning_is_refused(tmp_path: Path) -> None:
    """An mp4 keeps its index at the end: half of one cannot be opened."""
    path = encode(tmp_path / "a.mp4", shades(6))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnsupportedFormat, match="damaged"):
        frames(path)


def test_title_that_is_no_utf_8_does_no_harm(tmp_path: Path) -> None:
    """Old cameras write what they like."""
    path = encode(tmp_path / "a.mkv", shades(2), title="a title")
    content = path.read_bytes()
    assert content.count(b"a title") == 1
    path.write_bytes(content.replace(b"a title", b"\xff\xfe\xc3()\xe9t"))
    assert len(frames(path)) == 2


def test_unknown_coding_is_refused(tmp_path: Path) -> None:
    """The container is read, what is in it is not."""
    path = encode(tmp_path / "a.mkv", shades(3))
    assert b"V_MPEG4" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4", b"V_OTHER"))
    with pytest.raises(UnsupportedFormat, match="coded"):
        frames(path)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
def test_any_damage_is_an_error_of_ours(tmp_path: Path, ending: str) -> None:
    """Whatever byte is wrong, and wherever the file ends: frames, or an ImageError, and nothing else."""
    path = encode(tmp_path / f"a.{ending}", shades(4))
    whole = path.read_bytes()
    random = np.random.default_rng(11)
    # The heads of the packets of a transport stream, which tell what belongs to which stream, are few bytes of many.
    places = [*range(2, len(whole), 188)] if ending == "ts" else [*random.integers(0, len(whole), 30)]
    endings = [len(whole)] * len(places) + [*random.integers(0, len(whole), 10)]
    for place, end in zip([*places, *[0] * 10], endings, strict=True):
        damaged = bytearray(whole)
        damaged[place] ^= 0x70
        path.write_bytes(damaged[:end])
        with suppress(ImageError), open_video(path, SETTINGS, DECODING) as video:
            for frame in video.frames(60):
                with suppress(ImageError):
                    frame.picture()


def test_damaged_frame_is_told(tmp_path: Path) -> None:
    """What a decoder had to guess is no measurement; the frames around it are."""
    random = np.random.default_rng(1)
    noise = [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(12)]
    path = encode(tmp_path / "a.mkv", noise)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)
    good = damaged = 0
    with open_video(path, SETTINGS, DECODING) as video:
        for frame in video.frames(60):
            try:
                frame.picture()
                good += 1
            except CorruptImage:
                damaged += 1
    assert damaged >= 1
    assert good >= 8


def test_video_that_ends_before_its_time_is_told(tmp_path: Path) -> None:
    """The frames that are there come first, then the error."""
    path = encode(tmp_path / "a.mkv", shades(20), rate=2)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen = []
    with (
        open_video(path, SETTINGS, DECODING) as video,
        pytest.raises(CorruptImage, match=r"ends after \d\.\d s of 10\.0 s"),
    ):
        seen.extend(video.frames(60))
    assert len(seen) > 3


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"size_bytes_max": 100}, "more than 100 bytes"),
        ({"duration_s_max": 1}, "longer than 1 seconds"),
        ({"pixels_max": 3000}, "more than 3000 pixels"),
    ],
)
def test_limits_are_checked_before_the_first_frame(tmp_path: Path, limit: dict[str, int], message: str) -> None:
    """On what the file says of itself."""
    path = encode(tmp_path / "a.mp4", shades(30))
    with (
        pytest.raises(ImageTooLarge, match=message),
        open_video(path, VideoSettings(**limit), DECODING),
    ):
        pytest.fail("it was opened")


def test_length_is_measured_as_well(tmp_path: Path) -> None:
    """A file that says nothing of its length is followed no further than the limit."""
    path = encode(tmp_path / "a.mkv", shades(30))
    content = path.read_bytes()
    # The element Duration becomes one without a meaning (Void).
    place = content.index(b"\x44\x89\x88")
    path.write_bytes(content[:place] + b"\xec\x89" + content[place + 2 :])
    with open_video(path, VideoSettings(duration_s_max=1), DECODING) as video:
        assert video.duration_s is None
        with pytest.raises(ImageTooLarge, match="longer"):
            list(video.frames(60))


def test_video_without_pyav_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named; no traceback of an import."""
    monkeypatch.setitem(sys.modules, "av", None)
    with (
        pytest.raises(ConfigurationError, match=r"oss-faces\[video\]"),
        open_video(tmp_path / "a.mp4", SETTINGS, DECODING),
    ):
        pytest.fail("it was opened")


@pytest.mark.parametrize("field", VideoSettings.__slots__)
def test_settings_are_positive(field: str) -> None:
    """A limit of nothing would refuse every video."""
    VideoSettings(**{field: 1}).validate()
    with pytest.raises(ConfigurationError, match=rf"video\.{field}"):
        VideoSettings(**{field: 0}).validate()

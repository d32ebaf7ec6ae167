"""What a source of `oss-faces expressions` is, and which pictures it gives in which order."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from oss_faces.app import utc_now
from oss_faces.cli.series import Series, SeriesOptions, natural, open_series
from oss_faces.config import Settings
from oss_faces.decoding import VideoSettings
from oss_faces.errors import (
    ConfigurationError,
    CorruptImage,
    ImageTooLarge,
    NoSuchKey,
    ObjectTooLarge,
    UnsupportedFormat,
)
from oss_faces.storage import MountSettings, MountsSettings, PutSpec, StorageSettings, open_local_store
from oss_faces.values import ImageSize
from tests.unit.decoding import pictures
from tests.videos import encode, shades

PNG = pictures.save(pictures.corners(), "PNG")
OPTIONS = SeriesOptions(per_second=2)
SETTINGS = Settings()


def names(series: Series, folder: Path) -> list[str]:
    return [str(Path(shot.name).relative_to(folder)) for shot in series.shots]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures whose names, numbers and times are in different orders."""
    made = tmp_path / "pictures"
    (made / "inner").mkdir(parents=True)
    for place, name in enumerate(("b10.png", "b9.png", "a.png", "inner/c.png")):
        (made / name).write_bytes(PNG)
        os.utime(made / name, (1e9 + 10 * place, 1e9 + 10 * place))
    return made


def test_folder_is_sorted_by_name(folder: Path) -> None:
    """Numbers in names by their value, inner folders too; such pictures have no times and are no film."""
    with open_series(str(folder), SETTINGS, {}, OPTIONS) as series:
        shots = list(series.shots)
    assert [str(Path(shot.name).relative_to(folder)) for shot in shots] == ["a.png", "b9.png", "b10.png", "inner/c.png"]
    assert (series.count, series.is_film) == (4, False)
    assert {shot.time_s for shot in shots} == {None}
    assert shots[0].picture().format == "png"


def test_folder_is_sorted_by_time(folder: Path) -> None:
    """With the seconds since the first one."""
    with open_series(str(folder), SETTINGS, {}, replace(OPTIONS, order="time")) as series:
        shots = list(series.shots)
    assert [Path(shot.name).name for shot in shots] == ["b10.png", "b9.png", "a.png", "c.png"]
    assert [shot.time_s for shot in shots] == [0, 10, 20, 30]


def test_files_that_are_written_are_no_part_of_the_folder(folder: Path) -> None:
    """A timeline from an earlier run is not taken for a picture."""
    (folder / "out.csv").write_text("old")
    with open_series(str(folder), SETTINGS, {}, replace(OPTIONS, skipped=(folder / "inner/../out.csv",))) as series:
        assert "out.csv" not in names(series, folder)


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("a", "b"), ("a9", "a10"), ("a09", "a9"), ("a1b2", "a1b10"), ("9", "10"), ("", "0"), ("a", "a1"), ("a1", "ab")],
)
def test_numbers_are_sorted_by_value(smaller: str, larger: str) -> None:
    """The order is total: names that differ never count as equal."""
    assert natural(smaller) < natural(larger)


def test_single_picture_is_a_series_of_one(folder: Path) -> None:
    """Told from a video by its content, whatever its name."""
    (folder / "a.png").rename(folder / "a.mp4")
    with open_series(str(folder / "a.mp4"), SETTINGS, {}, OPTIONS) as series:
        [shot] = series.shots
    assert (series.count, series.is_film, shot.name) == (1, False, str(folder / "a.mp4"))


def test_picture_that_goes_away_fails_alone(folder: Path) -> None:
    """The error comes when the picture is read, not when the folder is."""
    with open_series(str(folder), SETTINGS, {}, OPTIONS) as series:
        shots = list(series.shots)
    (folder / "a.png").unlink()
    (folder / "b9.png").write_bytes(b"no picture")
    with pytest.raises(FileNotFoundError):
        shots[0].picture()
    with pytest.raises(UnsupportedFormat):
        shots[1].picture()
    shots[2].picture()


def test_video_is_a_film(tmp_path: Path) -> None:
    """So many frames of a second, each with its time."""
    path = encode(tmp_path / "film.mkv", shades(12))
    with open_series(str(path), SETTINGS, {}, OPTIONS) as series:
        shots = list(series.shots)
        assert [round(shot.time_s or 0, 2) for shot in shots] == [0, 0.5, 1.0]
        assert shots[0].picture().size == ImageSize(64, 48)
    assert (series.count, series.is_film) == (3, True)


def test_video_that_breaks_off_ends_in_a_shot_that_says_so(tmp_path: Path) -> None:
    """What came before it stays."""
    path = encode(tmp_path / "film.mkv", shades(20), rate=2)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_series(str(path), SETTINGS, {}, OPTIONS) as series:
        *whole, last = series.shots
        assert len(whole) > 3
        whole[-1].picture()
        assert last.time_s is None
        with pytest.raises(CorruptImage, match="ends after"):
            last.picture()


def test_source_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    """A misspelled name is no empty series."""
    with (
        pytest.raises(ConfigurationError, match="no such file or folder"),
        open_series(str(tmp_path / "absent"), SETTINGS, {}, OPTIONS),
    ):
        pytest.fail("opened")


def test_file_that_cannot_be_opened_is_one_shot_that_says_why(tmp_path: Path) -> None:
    """A text, and a video over a limit."""
    (tmp_path / "text").write_text("no video")
    film = encode(tmp_path / "film.mp4", shades(3))
    small = Settings(video=VideoSettings(size_bytes_max=10))
    for path, settings, error in (
        (tmp_path / "text", SETTINGS, UnsupportedFormat),
        (film, small, ImageTooLarge),
    ):
        with open_series(str(path), settings, {}, OPTIONS) as series:
            [shot] = series.shots
            assert (series.count, shot.name) == (1, str(path))
            with pytest.raises(error):
                shot.picture()


# --- buckets ------------------------------------------------------------------------------------------------------


async def _body(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def stored(tmp_path: Path) -> Settings:
    """A data folder with a bucket, and a folder that is mounted as another."""
    settings = Settings(
        storage=StorageSettings(data_dir=tmp_path / "data"),
        mounts=MountsSettings(buckets={"mounted": MountSettings(folder=tmp_path / "mounted", writable=True)}),
    )
    (tmp_path / "mounted" / "x").mkdir(parents=True)
    (tmp_path / "mounted" / "x" / "1.png").write_bytes(PNG)

    async def fill() -> None:
        store = await open_local_store(settings.storage, utc_now)
        await store.create_bucket("photos", "me")
        for key, content in (
            ("x/10.png", PNG),
            ("x/9.png", PNG),
            ("x/", b""),
            ("y.png", PNG),
            ("x/long", b"0" * 99_999),
        ):
            await store.put("photos", key, _body(content), PutSpec())
        await store.aclose()

    anyio.run(fill)
    return settings


def test_prefix_of_a_bucket(stored: Settings) -> None:
    """Its objects by name, without what stands for a folder; each is read when it is looked at."""
    small = replace(stored, decoding=replace(stored.decoding, size_bytes_max=9999))
    with open_series("oss://photos/x/", small, {}, OPTIONS) as series:
        shots = {shot.name: shot for shot in series.shots}
        assert list(shots) == ["oss://photos/x/9.png", "oss://photos/x/10.png", "oss://photos/x/long"]
        assert series.count == 3
        assert shots["oss://photos/x/9.png"].picture().format == "png"
        with pytest.raises(ObjectTooLarge):
            shots["oss://photos/x/long"].picture()
    for whole in ("oss://photos", "oss://photos/"):
        with open_series(whole, stored, {}, OPTIONS) as series:
            assert series.count == 4


def test_object_that_goes_away_fails_alone(stored: Settings) -> None:
    """Deleted between the listing and the look."""
    with open_series("oss://photos/y", stored, {}, OPTIONS) as series:
        [shot] = series.shots

        async def delete() -> None:
            store = await open_local_store(stored.storage, utc_now)
            await store.delete("photos", "y.png")
            await store.aclose()

        anyio.run(delete)
        with pytest.raises(NoSuchKey):
            shot.picture()


def test_mounted_bucket_is_only_read(stored: Settings, tmp_path: Path) -> None:
    """What a running server is writing there is not swept away, however old it is."""
    staged = tmp_path / "mounted" / f".oss-faces-{'0' * 32}.part"
    staged.write_bytes(b"half")
    os.utime(staged, (1e9, 1e9))
    before = sorted(tmp_path.rglob("*"))
    with open_series("oss://mounted/x/", stored, {}, replace(OPTIONS, order="time")) as series:
        [shot] = series.shots
        assert (shot.name, shot.time_s) == ("oss://mounted/x/1.png", 0)
        assert shot.picture().format == "png"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("uri", ["oss://another/", "oss://another", "oss://No Bucket/x"])
def test_bucket_that_does_not_exist_is_wrong_usage(stored: Settings, uri: str) -> None:
    """With the name that was asked for."""
    with pytest.raises(ConfigurationError, match="cannot list oss://"), open_series(uri, stored, {}, OPTIONS):
        pytest.fail("opened")

"""What `oss-faces expressions` looks at: a folder, a prefix of a bucket, one picture, or a video, as one series."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Final, Literal, NoReturn

from oss_faces.app import open_bucket
from oss_faces.config import Settings
from oss_faces.decoding import Video, decode, is_picture, open_video, read_file
from oss_faces.errors import ConfigurationError, ImageError, StorageError
from oss_faces.storage import BucketReader
from oss_faces.values import Image

Order = Literal["name", "time"]

PICTURES_MAX: Final = 1_000_000
_HEAD_BYTES: Final = 64
_URI: Final = re.compile(r"oss://(?P<bucket>[^/]+)(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a series.

    Attributes:
        name: of the file or object.
        time_s: since the first one; `None` where places in a picture and times say nothing.
        picture: reads and decodes it, in any thread. Raises OSError, StorageError, ImageError.
    """

    name: str
    time_s: float | None
    picture: Callable[[], Image]


@dataclass(frozen=True, slots=True)
class Series:
    """Pictures in their order.

    Attributes:
        shots: to be gone through once.
        count: how many there are, or about so many for a video.
        is_film: one camera's pictures, shortly one after the other, so that a face stays near its place.
    """

    shots: Iterable[Shot]
    count: int | None
    is_film: bool = False


@dataclass(frozen=True, slots=True)
class SeriesOptions:
    """How a series is made.

    Attributes:
        per_second: frames of a second of a video.
        order: of the pictures of a folder or prefix.
        skipped: files that are no part of the folder: those that are being written.
    """

    per_second: float
    order: Order = "name"
    skipped: tuple[Path, ...] = ()


@contextmanager
def open_series(
    source: str, settings: Settings, environment: Mapping[str, str], options: SeriesOptions
) -> Iterator[Series]:
    """Find out what `source` is, and open it. A file that cannot be opened is a series of one shot that says why.

    Raises:
        ConfigurationError: it does not exist, holds too much, or needs what is not installed.
    """
    if uri := _URI.fullmatch(source):
        with open_bucket(settings, environment, uri["bucket"]) as bucket:
            yield _of_bucket(bucket, uri["bucket"], uri["prefix"] or "", settings, options.order)
        return
    path = Path(source)
    if path.is_dir():
        yield _of_folder(path, settings, options)
    elif not path.exists():
        raise ConfigurationError(f"no such file or folder: {source}")
    else:
        with ExitStack() as stack:
            yield _of_file(path, settings, options, stack)


def _of_file(path: Path, settings: Settings, options: SeriesOptions, stack: ExitStack) -> Series:
    name = str(path)
    try:
        if _is_picture(path):
            return Series([_file(path, None, settings)], 1)
        video = stack.enter_context(open_video(path, settings.video, settings.decoding))
    except (ImageError, OSError) as exc:
        return Series([Shot(name, None, partial(_fail, exc))], 1)
    count = None if video.duration_s is None else ceil(video.duration_s * options.per_second)
    return Series(_film(video, name, options.per_second), count, is_film=True)


def _film(video: Video, name: str, per_second: float) -> Iterator[Shot]:
    """Give the frames; where the video cannot be decoded any further, a last one that says so when it is looked at."""
    try:
        for frame in video.frames(per_second):
            yield Shot(name, frame.time_s, frame.picture)
    except ImageError as exc:
        yield Shot(name, None, partial(_fail, exc))


def _fail(error: ImageError | OSError) -> NoReturn:
    raise error


def _of_folder(folder: Path, settings: Settings, options: SeriesOptions) -> Series:
    skipped = {path.resolve() for path in options.skipped}
    found: list[tuple[str, float]] = []
    for path in folder.rglob("*"):
        if path.is_file() and path.resolve() not in skipped:
            found.append((str(path), path.stat().st_mtime if options.order == "time" else 0.0))
            _check_count(found)
    times = _ordered(found, options.order)
    return Series((_file(Path(name), time_s, settings) for name, time_s in times), len(times))


def _of_bucket(bucket: BucketReader, name: str, prefix: str, settings: Settings, order: Order) -> Series:
    found: list[tuple[str, float]] = []
    try:
        for meta in bucket.objects(prefix):
            # What ends in a slash stands for a folder.
            if not meta.key.endswith("/"):
                found.append((meta.key, meta.last_modified.timestamp()))
                _check_count(found)
    except StorageError as exc:
        raise ConfigurationError(f"cannot list oss://{name}/{prefix}: {exc.message}") from exc
    times = _ordered(found, order)

    def shot(key: str, time_s: float | None) -> Shot:
        return Shot(f"oss://{name}/{key}", time_s, lambda: _object(bucket, key, settings))

    return Series((shot(key, time_s) for key, time_s in times), len(times))


def _ordered(found: list[tuple[str, float]], order: Order) -> list[tuple[str, float | None]]:
    """Sort by name, numbers in it by their value, or by time, with the seconds since the first."""
    if order == "name":
        return [(name, None) for name, _ in sorted(found, key=lambda item: natural(item[0]))]
    ordered = sorted(found, key=lambda item: (item[1], natural(item[0])))
    return [(name, time_s - ordered[0][1]) for name, time_s in ordered]


def natural(name: str) -> tuple[tuple[str, int, str], ...]:
    """Give a key that sorts `a9` before `a10`, and tells apart what differs in zeros alone."""
    parts = re.findall(r"(\D*)(\d*)", name, re.ASCII)
    return tuple((text, int(digits or 0), digits) for text, digits in parts)


def _check_count(found: list[tuple[str, float]]) -> None:
    if len(found) > PICTURES_MAX:
        raise ConfigurationError(f"more than {PICTURES_MAX} pictures; take a part of them")


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return is_picture(file.read(_HEAD_BYTES))


def _file(path: Path, time_s: float | None, settings: Settings) -> Shot:
    limits = settings.decoding
    return Shot(str(path), time_s, lambda: decode(read_file(path, limits.size_bytes_max), limits))


def _object(bucket: BucketReader, key: str, settings: Settings) -> Image:
    return decode(bucket.read(key, settings.decoding.size_bytes_max), settings.decoding)

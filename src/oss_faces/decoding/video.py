"""Video files to pictures, by PyAV, an extra that nothing else needs. Only what is asked for is made into pixels.

Only plain containers are opened, and nothing that they point to: play lists and the like never are.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from oss_faces.decoding.limits import choose_factor
from oss_faces.decoding.settings import DecodingSettings
from oss_faces.decoding.source import UPRIGHT, Header
from oss_faces.decoding.video_settings import VideoSettings
from oss_faces.errors import ConfigurationError, CorruptImage, ImageTooLarge, UnsupportedFormat
from oss_faces.values import Image, ImageSize

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

_CONTAINERS: Final = ("mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "ogg", "flv", "asf")
# Decoding ahead in more threads would hold more whole frames.
_THREADS: Final = 2
# A last frame may be shown for a while; a film whose pictures end so much before its end has lost some.
_MISSING_S: Final = 2.0

# Which of the two, the library does not tell apart.
_NO_VIDEO: Final = "The file is no video in a format that is read, or too damaged to be opened."
_DAMAGED: Final = "The video is damaged and cannot be decoded."


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One moment of a video.

    Attributes:
        time_s: since the first frame.
        picture: makes the upright pixels; may be called from another thread. Raises CorruptImage when the decoder
            had to guess parts of it, and ImageTooLarge.
    """

    time_s: float
    picture: Callable[[], Image]


class Video:
    """An open video file. Made by `open_video`; used by one thread, but for the pictures of its frames."""

    def __init__(self, container: "InputContainer", settings: VideoSettings, decoding: DecodingSettings) -> None:
        self._container = container
        self._settings = settings
        self._decoding = decoding
        streams = container.streams.video
        if not streams:
            raise UnsupportedFormat(_NO_VIDEO)
        self._stream = streams[0]
        self._check()

    @property
    def duration_s(self) -> float | None:
        """How long the file says that it is."""
        stream, whole = self._stream, self._container.duration
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return None if whole is None else whole / 1e6

    def frames(self, per_second: float) -> Iterator[VideoFrame]:
        """Give the first frame, and then the first one in every further part of a second.

        Raises:
            CorruptImage: on the step at which the file cannot be decoded any further, or behind the last one when
                the file ends before its time.
            ImageTooLarge: the video is longer than the limit.
        """
        begin: float | None = None
        due, time_s = 0, 0.0
        with _translated():
            for place, frame in enumerate(self._container.decode(self._stream)):
                stamp = self._stamp(frame, place)
                begin = stamp if begin is None else begin
                time_s = max(time_s, stamp - begin)
                if time_s > self._settings.duration_s_max:
                    self._refuse_length(time_s)
                if stamp - begin >= due / per_second:
                    due = math.floor((stamp - begin) * per_second) + 1
                    yield VideoFrame(stamp - begin, _picture_of(frame, self._settings, self._decoding))
        self._require_end(begin is not None, time_s)

    def _check(self) -> None:
        """Judge what the file says of itself; what it does not keep to is found while it is decoded."""
        context = self._stream.codec_context
        if context is None:
            raise UnsupportedFormat("The video is coded in a way that is not read.")
        size = ImageSize(context.width, context.height)
        if not size.pixels:
            raise ImageTooLarge(
                f"The frames of the video have more than {self._settings.pixels_max} pixels, or cannot be decoded."
            )
        _check_size(size, self._settings)
        if (self.duration_s or 0) > self._settings.duration_s_max:
            self._refuse_length(self.duration_s or 0)
        context.thread_count = _THREADS
        context.thread_type = "AUTO"
        context.options = _options(self._settings)

    def _stamp(self, frame: "av.VideoFrame", place: int) -> float:
        """Tell the time of a frame; where it carries none, by its number."""
        if frame.pts is not None:
            return frame.time
        rate = self._stream.average_rate
        if not rate:
            raise CorruptImage("The video does not say when its frames are shown.")
        return float(place / rate)

    def _refuse_length(self, time_s: float) -> NoReturn:
        limit = self._settings.duration_s_max
        raise ImageTooLarge(f"The video is longer than {limit} seconds.", context={"time_s": time_s})

    def _require_end(self, has_frames: bool, time_s: float) -> None:
        if not has_frames:
            raise CorruptImage(_DAMAGED)
        told = self.duration_s
        if told is not None and time_s + _MISSING_S < told:
            raise CorruptImage(f"The video ends after {time_s:.1f} s of {told:.1f} s.")


@contextmanager
def open_video(path: Path, settings: VideoSettings, decoding: DecodingSettings) -> Iterator[Video]:
    """Open a video file and check the limits on it.

    Raises:
        ConfigurationError: PyAV is not installed.
        OSError: the file cannot be read.
        UnsupportedFormat: it is no video in a container that is read, or cannot be opened.
        ImageTooLarge: a limit on bytes, seconds or pixels is passed.
    """
    require_video()
    import av  # noqa: PLC0415  an extra, which takes its time

    with path.open("rb") as file:
        if path.stat().st_size > settings.size_bytes_max:
            raise ImageTooLarge(f"The video has more than {settings.size_bytes_max} bytes.")
        options = {"format_whitelist": ",".join(_CONTAINERS), **_options(settings)}
        with _translated(is_opening=True):
            container = av.open(file, mode="r", options=options, io_open=_open_nothing, **_leniency(av.__version__))
        with container:
            yield Video(container, settings, decoding)


def require_video() -> None:
    """Refuse where PyAV, which reads videos, is not installed.

    Raises:
        ConfigurationError.
    """
    try:
        import_module("av")
    except ImportError as exc:
        raise ConfigurationError("reading videos needs PyAV; run: pip install 'oss-faces[video]'") from exc


@contextmanager
def _translated(*, is_opening: bool = False) -> Iterator[None]:
    """Turn the errors of PyAV inside the block into ours."""
    from av.error import FFmpegError  # noqa: PLC0415  an extra

    try:
        yield
    except MemoryError as exc:
        raise ImageTooLarge(context={"reason": repr(exc)}) from exc
    except (FFmpegError, LookupError) as exc:
        # A stream that begins in the middle of a damaged file is a LookupError of PyAV.
        if is_opening:
            raise UnsupportedFormat(_NO_VIDEO, context={"reason": repr(exc)}) from exc
        raise CorruptImage(_DAMAGED, context={"reason": repr(exc)}) from exc


def _leniency(version: str) -> dict[str, Any]:
    """Have titles that are no UTF-8 taken as they are. PyAV 19 does so by itself, and knows the argument no more."""
    return {"metadata_errors": "replace"} if int(version.partition(".")[0]) < 19 else {}


def _open_nothing(url: str, flags: int, options: object) -> NoReturn:  # noqa: ARG001  PyAV's signature
    raise PermissionError("a video may not open other files")


def _options(settings: VideoSettings) -> dict[str, str]:
    return {"max_pixels": str(settings.pixels_max)}


def _check_size(size: ImageSize, settings: VideoSettings) -> None:
    if size.pixels > settings.pixels_max:
        raise ImageTooLarge(f"The frames of the video have more than {settings.pixels_max} pixels.")


def _picture_of(frame: "av.VideoFrame", settings: VideoSettings, decoding: DecodingSettings) -> Callable[[], Image]:
    def picture() -> Image:
        if frame.is_corrupt:
            raise CorruptImage("The frame is damaged.")
        stored = ImageSize(frame.width, frame.height)
        _check_size(stored, settings)
        factor = choose_factor(Header("video", stored, UPRIGHT, 0), decoding)
        with _translated():
            pixels = frame.reformat(
                width=-(-stored.width // factor),
                height=-(-stored.height // factor),
                format="rgb24",
                interpolation="AREA" if factor > 1 else None,
            ).to_ndarray()
        quarters = round(frame.rotation / 90) % 4
        upright = np.ascontiguousarray(np.rot90(pixels, quarters), np.uint8)
        size = ImageSize(stored.height, stored.width) if quarters % 2 else stored
        return Image(upright, size, "video")

    return picture

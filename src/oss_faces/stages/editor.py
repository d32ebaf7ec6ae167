"""Picture files in, picture files out: decoding and imaging put together. Plain functions of bytes, for a worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from oss_faces import imaging
from oss_faces.decoding import BAND_BYTES, DecodingSettings, Header, open_picture, read_exif
from oss_faces.errors import (
    CorruptImage,
    ImageError,
    ImageTooLarge,
    PictureDamaged,
    PictureError,
    PictureNotSupported,
    PictureTooLarge,
    UnsupportedFormat,
)
from oss_faces.imaging import PIXEL_BYTES, ImagingSettings, Plan
from oss_faces.protocol import Edit
from oss_faces.values import Image, PictureFacts, PictureFile

# EC values of the limits on the source. Source: OSS "Resize images", error codes.
_SIDE_EC = "0040-00000018"


@dataclass(frozen=True, slots=True)
class PictureEditor:
    """Edits pictures within the limits of these settings. Safe to be used from several threads at once."""

    decoding: DecodingSettings
    imaging: ImagingSettings

    def describe(self, content: bytes) -> PictureFacts:
        """Tell what the header of a picture says (`image/info`); no pixel is decoded.

        Raises:
            PictureError: the content is no picture that is read here.
        """
        with _of_pictures():
            header = open_picture(content, self.decoding).header
        return PictureFacts(header.format, header.stored_size, len(content), header.frames, read_exif(header.exif))

    def edit(self, content: bytes, edits: tuple[Edit, ...]) -> PictureFile:
        """Carry out a chain and write the result.

        Raises:
            PictureError: the content is no picture, or the chain cannot be carried out on it.
        """
        with _of_pictures():
            source = open_picture(content, self.decoding)
            header = source.header
            encoding = imaging.choose_encoding(edits, header.format, header.quality)
            plan = imaging.make_plan(edits, header.stored_size, header.orientation, self.imaging)
            if not encoding.keeps_orientation:
                plan = plan.upright()
            encoding = encoding.of_source(plan.orientation, header.profile)
            imaging.check_size(plan.size, encoding)
            self._check_memory(header, plan, encoding.memory_bytes(plan.size))
            pixels = [source.render(plan.reduction, keep_alpha=True)]
            # A library holds the decoded picture until its source goes.
            del source
            return imaging.edit_picture(pixels.pop(), plan, encoding)

    def faces_decoder(self, edits: tuple[Edit, ...]) -> Callable[[bytes], Image]:
        """Make a decoder for the face pipeline that carries out a chain; its errors are those of image/faces."""

        def decode(content: bytes) -> Image:
            with _of_faces():
                source = open_picture(content, self.decoding)
                header = source.header
                plan = imaging.make_plan(edits, header.stored_size, header.orientation, self.imaging)
                self._check_memory(header, plan, 0)
                pixels = [source.render(plan.reduction, keep_alpha=True)]
                del source
                return imaging.edit_for_faces(pixels.pop(), plan, header.format, self.decoding.reduced_pixels)

        return decode

    def _check_memory(self, header: Header, plan: Plan, writing_bytes: int) -> None:
        """Refuse what would take more memory than decoding may: while decoding, while editing, or while writing.

        Raises:
            PictureTooLarge.
        """
        decoding_bytes = header.working_bytes + BAND_BYTES + plan.decoded.pixels * PIXEL_BYTES
        needed = max(decoding_bytes, plan.memory_bytes, writing_bytes)
        if needed > self.decoding.working_bytes_max:
            raise PictureTooLarge(context={"limit": "working_bytes_max", "value": needed})


@contextmanager
def _of_pictures() -> Iterator[None]:
    """Turn errors of decoding, which are those of image/faces, into those of the other picture operations."""
    try:
        yield
    except UnsupportedFormat as exc:
        raise PictureNotSupported(context=exc.context) from exc
    except ImageTooLarge as exc:
        ec = _SIDE_EC if exc.context.get("limit") == "side_max" else None
        raise PictureTooLarge(ec=ec, context=exc.context) from exc
    except CorruptImage as exc:
        raise PictureDamaged(context=exc.context) from exc


@contextmanager
def _of_faces() -> Iterator[None]:
    """Turn errors of imaging into those of image/faces, which no SDK repeats."""
    try:
        yield
    except PictureTooLarge as exc:
        raise ImageTooLarge(context=exc.context) from exc
    except PictureError as exc:
        raise ImageError(f"InvalidArgument, {exc.message}", context=exc.context) from exc

"""Errors of pictures: those of image/faces, and those of the other picture operations."""

from oss_faces.errors.root import OssFacesError


class ImageError(OssFacesError):
    """The object is no picture that can be analysed. `Imm Client` is not retried by any SDK."""

    code = "Imm Client"
    http_status = 400
    ec = "0056-00000001"
    default_message = "InvalidArgument, The image cannot be processed."


class UnsupportedFormat(ImageError):
    """The content is in none of the picture formats that are read."""

    default_message = "InvalidArgument, The source is not an image in a supported format."


class CorruptImage(ImageError):
    """The content begins like a picture but cannot be decoded."""

    default_message = "InvalidArgument, The image is damaged and cannot be decoded."


class ImageTooLarge(ImageError):
    """The picture exceeds a limit on bytes, side or pixels."""

    code = "ImageTooLarge"
    ec = "0056-00000002"
    default_message = "The source image is too large to be processed."


class PictureError(OssFacesError):
    """A picture operation of OSS itself (info, resize, crop, ...) cannot be done on this object."""

    code = "InvalidArgument"
    http_status = 400
    ec = "0040-00000002"
    default_message = "The image cannot be processed."


class PictureNotSupported(PictureError):
    """The content is in none of the picture formats that are read."""

    ec = "0040-00000005"
    default_message = "not supported format."


class PictureDamaged(PictureError):
    """The content begins like a picture but cannot be decoded."""

    code = "ImageDamage"
    http_status = 403
    ec = "0040-00000006"
    default_message = "The image is damaged and cannot be decoded."


class PictureTooLarge(PictureError):
    """The source, or what would become of it, exceeds a limit on bytes, side, pixels or memory."""

    code = "ImageTooLarge"
    ec = "0040-00000012"
    default_message = "The image is too large for this operation."


class OutsidePicture(PictureError):
    """A crop begins outside of the picture."""

    ec = "0040-00000013"
    default_message = "Advance cut's position is out of image."

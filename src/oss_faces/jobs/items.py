"""What goes down the line of a job: a listed picture, the same one decoded, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from oss_faces.errors import ImageError, ImageTooLarge, ObjectTooLarge, OssFacesError
from oss_faces.values import Image, ImageSize

# One face, by the names of its columns: text, numbers, or a list of numbers.
FaceRow: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A picture as it was listed.

    Attributes:
        etag: changes with the content.
    """

    key: str
    etag: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a picture has no faces to tell.

    Attributes:
        name: of the error's class, `CorruptImage` for instance.
        code: of the wire.
        is_final: whether another try could not end otherwise as long as the picture is the same.
    """

    name: str
    code: str
    message: str
    is_final: bool

    @classmethod
    def of(cls, error: OssFacesError) -> Self:
        """Describe an error; a picture that is too long to be read is one that is too large, as on the wire."""
        if isinstance(error, ObjectTooLarge):
            error = ImageTooLarge()
        return cls(type(error).__name__, error.code, error.message, isinstance(error, ImageError))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A picture that was read and decoded, or why it could not be.

    Attributes:
        item: as it was when it was read, which may be later than it was listed.
        figure_etag: goes into the FigureId of its faces.
    """

    item: Item
    figure_etag: str = ""
    image: Image | None = None
    failure: Failure | None = None


class ListingIncomplete(Exception):  # noqa: N818  (named as the errors of this package are)
    """Some of the source could not be read when it was listed: what was not listed need not be gone.

    Raised after the last item.
    """


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is kept of one picture.

    Attributes:
        size: of the upright picture; `None` when it could not be decoded.
        faces: by descending area of their box.
    """

    item: Item
    size: ImageSize | None = None
    faces: tuple[FaceRow, ...] = ()
    failure: Failure | None = None

    @property
    def is_final(self) -> bool:
        """Whether a later run of the job leaves this picture alone as long as it is the same."""
        return self.failure is None or self.failure.is_final

    def to_json(self) -> dict[str, Any]:
        """Write as plain values."""
        return {
            "item": [self.item.key, self.item.etag, self.item.size_bytes],
            "size": [self.size.width, self.size.height] if self.size else None,
            "faces": [dict(face) for face in self.faces],
            "failure": _plain(self.failure),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        size, failure = document["size"], document["failure"]
        return cls(
            Item(*document["item"]),
            ImageSize(*size) if size else None,
            tuple(document["faces"]),
            Failure(*failure) if failure else None,
        )


def lost(item: Item, name: str, message: str) -> Outcome:
    """Give the outcome of a picture that no stage could answer for; a later run tries it again."""
    return Outcome(item, failure=Failure(name, "InternalError", message, is_final=False))


def _plain(failure: Failure | None) -> list[Any] | None:
    return [failure.name, failure.code, failure.message, failure.is_final] if failure else None

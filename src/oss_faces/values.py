"""The values that travel down the line. All are frozen; each is checked once, when it is made.

One coordinate frame everywhere: pixels of the *upright* source picture (EXIF orientation applied), origin top-left,
x to the right, y down, float32. Box edges are coordinates, not pixel indices.
"Left" and "right" of landmarks are the viewer's.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.grants import NOTHING, Rights

LANDMARK_NAMES: Final = ("left_eye", "right_eye", "nose", "left_mouth_corner", "right_mouth_corner")
EXPRESSION_NAMES: Final = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

# --- pictures and faces ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Width and height of a picture in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded, upright picture.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, C-contiguous. It may be a reduced rendition of the source.
        size: size of the upright source. All coordinates are in this frame, whatever the size of `pixels`.
        format: lower-case name of the source format, found by content, for instance `jpeg`.
        orientation: EXIF value 1..8 that was applied to make the stored pixels upright; 1 when nothing was.
    """

    pixels: NDArray[np.uint8]
    size: ImageSize
    format: str
    orientation: int = 1

    def __post_init__(self) -> None:
        assert self.pixels.ndim == 3, "pixels must be (H, W, 3)"
        assert self.pixels.shape[2] == 3, "pixels must be RGB"
        assert self.pixels.dtype == np.uint8, "pixels must be uint8"
        assert 1 <= self.orientation <= 8, "orientation is one of the eight of EXIF"

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of `pixels` per source pixel, along x and y; (1.0, 1.0) when nothing was reduced."""
        height, width = self.pixels.shape[:2]
        return width / self.size.width, height / self.size.height


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What can be told of a stored picture without decoding it.

    Attributes:
        size: as stored, before any orientation is applied.
        size_bytes: length of the file.
        frames: of a GIF; 1 for every other format.
        exif: name and text of each entry of the EXIF block, in the order of the file.
    """

    format: str
    size: ImageSize
    size_bytes: int
    frames: int = 1
    exif: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture as a file of its own."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces found by a detector, by descending score.

    Attributes:
        boxes: (N, 4) float32, xyxy, source pixels. Not clipped: a box may reach past the picture.
        scores: (N,) float32 in [0, 1].
        landmarks: (N, 5, 2) float32, xy, source pixels, in the order of `LANDMARK_NAMES`.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.boxes)
        assert self.boxes.shape == (count, 4), "boxes must be (N, 4)"
        assert self.scores.shape == (count,), "scores must be (N,)"
        assert self.landmarks.shape == (count, 5, 2), "landmarks must be (N, 5, 2)"
        assert self.boxes.dtype == self.scores.dtype == self.landmarks.dtype == np.float32, "float32 only"

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def empty(cls) -> "Detections":
        """No face."""
        return cls(np.zeros((0, 4), np.float32), np.zeros((0,), np.float32), np.zeros((0, 5, 2), np.float32))

    def select(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Detections":
        """Return the detections at these places, in that order."""
        return Detections(self.boxes[index], self.scores[index], self.landmarks[index])


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in source pixels; right and bottom are coordinates of the far edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Extent along x in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Extent along y in pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Label:
    """One value out of a closed list, and the probability in [0, 1] that it is right."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Age:
    """Apparent age as a distribution: mean and standard deviation, both in years."""

    years: float
    sd: float


@dataclass(frozen=True, slots=True)
class Emotion:
    """Probabilities of the seven expressions, which sum to 1."""

    scores: Mapping[str, float]

    @property
    def value(self) -> str:
        """The likeliest expression."""
        return max(self.scores, key=lambda name: self.scores[name])


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head rotation in degrees, each in [-180, 180].

    Pitch > 0: the face looks up. Yaw > 0: the face turns to the viewer's right (image +x).
    Roll > 0: the head is rotated clockwise in the image. This is the one place that defines the signs.
    """

    pitch: float
    yaw: float
    roll: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face. An attribute that is `None` was not measured: no model for it, or left out on request.

    Attributes:
        box: source pixels, clipped to the picture.
        score: probability in [0, 1] that this is a face.
        landmarks: (5, 2) float32, source pixels, in the order of `LANDMARK_NAMES`.
        gender: `female` or `male`.
        emotion: shares of `EXPRESSION_NAMES`.
        mouth: `open` or `close`.
        beard: `beard` (any facial hair) or `none`.
        mask: `mask` (worn over nose and mouth) or `none`.
        hat: `hat` or `none`.
        glasses: `none`, `glasses` or `sunglasses`.
        attractive: mean human rating scaled to 0..1.
        sharpness: 0 (destroyed) to 1 (as sharp as the sensor allows).
        quality: 0 to 1, how useful the face is for recognition.
    """

    box: Box
    score: float
    landmarks: NDArray[np.float32]
    age: Age | None = None
    gender: Label | None = None
    emotion: Emotion | None = None
    mouth: Label | None = None
    beard: Label | None = None
    mask: Label | None = None
    hat: Label | None = None
    glasses: Label | None = None
    pose: HeadPose | None = None
    attractive: float | None = None
    sharpness: float | None = None
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class FaceResult:
    """All faces of one picture.

    Attributes:
        size: upright source size, the frame of all coordinates.
        faces: by descending box area, so the first is the one that a 1:1 comparison uses.
        models: `name@version` of every model that took part.
        orientation: EXIF value 1..8 that was applied, for those who need boxes in the stored frame.
        stage_ms: wall time of each stage in milliseconds.
        is_cached: it was there already.
    """

    size: ImageSize
    faces: tuple[Face, ...]
    models: tuple[str, ...]
    orientation: int = 1
    stage_ms: Mapping[str, float] = field(default_factory=dict)
    is_cached: bool = False


# --- requests and answers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request exactly as it came: signatures cover the raw bytes.

    Attributes:
        method: upper-case HTTP method.
        path: raw path of the request target, percent-encoded, as latin-1 text, with its leading `/`.
        query: raw query without `?`, as latin-1 text; empty when there is none.
        headers: (lower-case name, value) as latin-1 text, in the order received.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        """Value of the header with this lower-case name; repeated headers are joined by a comma."""
        values = [value.strip() for key, value in self.headers if key == name]
        return ",".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Work:
    """What making an answer took, told by its handler with the answer: for the usage counters and the metrics.

    Attributes:
        source_bytes: read from stored objects.
        image_detect: detections as they are billed: 1 for each picture call that succeeded, however many faces.
        image_compare: comparisons of two pictures.
        faces: found in all pictures together.
        is_cached: the answer was there already; its other numbers are those of making it anew.
        stage_ms: wall time of each stage in milliseconds.
    """

    source_bytes: int = 0
    image_detect: int = 0
    image_compare: int = 0
    faces: int = 0
    is_cached: bool = False
    stage_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WireResponse:
    """Status, headers in order, and the whole body; `work` is not for the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    work: Work = Work()


@dataclass(frozen=True, slots=True)
class Address:
    """What a request is about: the service (`bucket` empty), a bucket (`key` empty) or an object."""

    bucket: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent a request, and what he may do. An anonymous caller has no `access_key_id`, and may what ACLs open.

    Attributes:
        parent_id: for temporary credentials the lasting key that they were made with; else empty.
    """

    access_key_id: str = ""
    rights: Rights = field(default=NOTHING, repr=False)
    parent_id: str = ""

    @property
    def is_anonymous(self) -> bool:
        """Whether the request carried no signature."""
        return not self.access_key_id

    @property
    def lasting_key_id(self) -> str:
        """The key that answers for this: its own, or the one that temporary credentials were made with."""
        return self.parent_id or self.access_key_id


# --- stored objects ----------------------------------------------------------------------------------------------


class Acl(enum.StrEnum):
    """Access control lists of buckets and objects; `DEFAULT` (objects only) means that the bucket's holds."""

    DEFAULT = "default"
    PRIVATE = "private"
    PUBLIC_READ = "public-read"
    PUBLIC_READ_WRITE = "public-read-write"


@dataclass(frozen=True, slots=True)
class BucketMeta:
    """A bucket as it is listed. `created` is aware UTC, whole seconds; `owner` is an account."""

    name: str
    acl: Acl
    created: datetime
    owner: str = ""


class ObjectType(enum.StrEnum):
    """How an object came to be: in one piece, put together from parts, or by appending, which can go on."""

    NORMAL = "Normal"
    MULTIPART = "Multipart"
    APPENDABLE = "Appendable"


# Limits of OSS on names and on one request.
KEY_BYTES_MAX: Final = 1023
LIST_ENTRIES_MAX: Final = 1000
DELETE_KEYS_MAX: Final = 1000
PART_NUMBER_MAX: Final = 10_000
DEFAULT_CONTENT_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What a writer says about an object and every reader gets back.

    Attributes:
        user: user metadata, lower-case names without the `x-oss-meta-` prefix.
        standard: standard headers (cache-control, content-disposition, ...), lower-case names.
    """

    content_type: str = DEFAULT_CONTENT_TYPE
    user: Mapping[str, str] = field(default_factory=dict)
    standard: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectMeta:
    """Everything about an object but its bytes.

    Attributes:
        etag: upper-case hex MD5 of the content, without quotes. Of an object made of parts `<MD5>-<number of parts>`,
            of an appendable one a name that changes with every append; neither is an MD5 of the content.
        crc64: CRC-64/XZ of the content; None where a mounted store does not tell it.
        last_modified: aware UTC, whole seconds.
        user: user metadata, lower-case names without the `x-oss-meta-` prefix.
        headers: stored standard headers (cache-control, content-disposition, ...), lower-case names.
    """

    key: str
    size_bytes: int
    etag: str
    crc64: int | None
    content_type: str
    last_modified: datetime
    acl: Acl = Acl.DEFAULT
    user: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    object_type: ObjectType = ObjectType.NORMAL


# --- projects of IMM ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectLimits:
    """How much a project may hold. Defaults are those of IMM."""

    dataset_max_bind_count: int = 10
    dataset_max_entity_count: int = 10_000_000_000
    dataset_max_file_count: int = 100_000_000
    dataset_max_relation_count: int = 100_000_000_000
    dataset_max_total_file_size: int = 90_000_000_000_000_000
    project_max_dataset_count: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """What the owner of a project says about it.

    Attributes:
        service_role: kept for programs that read it; access is a matter of keys here.
        template_id: workflow template of datasets that name none; empty for none.
    """

    description: str = ""
    service_role: str = "AliyunIMMDefaultRole"
    template_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    limits: ProjectLimits = field(default_factory=ProjectLimits)


@dataclass(frozen=True, slots=True)
class Project:
    """A project, under which IMM keeps everything. Times are aware UTC."""

    name: str
    spec: ProjectSpec
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A bucket bound to a project, so that `image/faces` may be asked of it. Times are aware UTC."""

    bucket: str
    project: str
    description: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that is under way. `started` is aware UTC, whole seconds."""

    key: str
    upload_id: str
    started: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part of an upload.

    Attributes:
        number: 1 to PART_NUMBER_MAX.
        etag: upper-case hex MD5 of the content, without quotes.
        crc64: CRC-64/XZ of the content.
        last_modified: aware UTC, whole seconds.
    """

    number: int
    size_bytes: int
    etag: str
    crc64: int
    last_modified: datetime

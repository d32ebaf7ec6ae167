"""GetObject with `x-oss-process`, and ProcessObject: what is wanted of a stored picture."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from oss_faces.errors import InvalidBucketName, MissingArgument
from oss_faces.protocol import Edit, Outcome, Query, is_bucket_name, resolve_process, resolve_saving
from oss_faces.protocol.encoding import decode
from oss_faces.protocol.process import PROCESS_LENGTH_MAX
from oss_faces.request.fields import check_object
from oss_faces.request.reading import Conditions, ReadObject, parse_conditions
from oss_faces.values import Address, WireRequest

PARAMETER: Final = "x-oss-process"
# Every character may be percent-encoded.
SAVE_BODY_BYTES_MAX: Final = 3 * PROCESS_LENGTH_MAX + len(PARAMETER) + 1


@dataclass(frozen=True, slots=True)
class DetectFaces:
    """GetObject with `image/faces` or `image/expressions`, after `edits`.

    A range has no meaning for a computed answer and is ignored.
    """

    address: Address
    conditions: Conditions
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribePicture:
    """GetObject with `image/info`."""

    source: ReadObject


@dataclass(frozen=True, slots=True)
class EditPicture:
    """GetObject with a chain of edits, which answers with a picture."""

    source: ReadObject
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class SavePicture:
    """ProcessObject: a chain of edits whose result is stored."""

    source: ReadObject
    edits: tuple[Edit, ...]
    target: Address


Processed: TypeAlias = DetectFaces | DescribePicture | EditPicture


def parse_process_request(request: WireRequest, query: Query, address: Address) -> Processed:
    """Read a GetObject that asks for processing."""
    process = resolve_process(query.get(PARAMETER) or "")
    address, conditions = check_object(address), parse_conditions(request)
    if process.outcome in (Outcome.FACES, Outcome.EXPRESSIONS):
        return DetectFaces(address, conditions, process.edits)
    source = ReadObject(address, conditions)
    return DescribePicture(source) if process.outcome is Outcome.INFO else EditPicture(source, process.edits)


def parse_save(request: WireRequest, address: Address, body: bytes) -> SavePicture:
    """Read ProcessObject, whose body is `x-oss-process=<process string>`; names of the target come in base64."""
    name, separator, text = body.decode("latin-1").strip().partition("=")
    if name != PARAMETER or not separator or not text:
        raise MissingArgument
    process, saved_as = resolve_saving(decode(text))
    target = Address(saved_as.bucket or address.bucket, saved_as.key)
    if not is_bucket_name(target.bucket):
        raise InvalidBucketName
    source = ReadObject(check_object(address), parse_conditions(request))
    return SavePicture(source, process.edits, check_object(target))

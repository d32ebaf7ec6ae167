"""DetectImageFaces and CompareImageFaces. Parameter names are those of the IMM API reference 2020-09-30."""

import re
from dataclasses import dataclass
from typing import Final

from oss_faces.datasets import DatasetRef
from oss_faces.errors import InvalidArgument, InvalidObjectName
from oss_faces.imm_errors import MissingParameter
from oss_faces.protocol import is_bucket_name
from oss_faces.request.fields import check_object
from oss_faces.request.imm_fields import Fields
from oss_faces.values import KEY_BYTES_MAX, Address

PROJECT_NAME_LENGTH_MAX: Final = 128

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}", re.ASCII)
_URI: Final = re.compile(r"oss://([^/]+)/(.+)", re.DOTALL)
_URI_LENGTH_MAX: Final = KEY_BYTES_MAX + 128


@dataclass(frozen=True, slots=True)
class DetectImageFaces:
    """All faces of one picture. `CredentialConfig` has no meaning where all keys are of one owner, and is not read."""

    project: str
    source: Address


@dataclass(frozen=True, slots=True)
class CompareImageFaces:
    """How alike the largest faces of two pictures are."""

    project: str
    first: Address
    second: Address


def parse_detect_image_faces(fields: Fields) -> DetectImageFaces:
    """Read DetectImageFaces."""
    return DetectImageFaces(project_name(fields), object_uri(fields, "SourceURI"))


def parse_compare_image_faces(fields: Fields) -> CompareImageFaces:
    """Read CompareImageFaces."""
    project, source = project_name(fields), fields.record("Source")
    return CompareImageFaces(project, object_uri(source, "URI1"), object_uri(source, "URI2"))


def project_name(fields: Fields) -> str:
    """Read `ProjectName`: 1 to 128 letters, digits, hyphens and underscores, beginning with a letter or underscore."""
    return _name(fields, "ProjectName")


def dataset_ref(fields: Fields) -> DatasetRef:
    """Read `ProjectName` and `DatasetName`, which follow the same rule."""
    return DatasetRef(_name(fields, "ProjectName"), _name(fields, "DatasetName"))


def object_uri(fields: Fields, name: str) -> Address:
    """Read `oss://bucket/key`; the key is raw text, not percent-encoded."""
    return _address(fields.required(name, _URI_LENGTH_MAX), name)


def object_uris(fields: Fields, name: str, count_max: int) -> tuple[Address, ...]:
    """Read a list of at least one `oss://bucket/key`; one that is there twice counts once.

    Raises:
        MissingParameter: there is none.
    """
    texts = fields.texts(name, count_max, _URI_LENGTH_MAX)
    if not texts:
        raise MissingParameter(name)
    return tuple(dict.fromkeys(_address(text, name) for text in texts))


def _name(fields: Fields, parameter: str) -> str:
    name = fields.required(parameter, PROJECT_NAME_LENGTH_MAX)
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"The parameter {parameter} must be 1 to 128 letters, digits, hyphens and underscores, "
            "and begin with a letter or an underscore."
        )
    return name


def _address(text: str, name: str) -> Address:
    match = _URI.fullmatch(text)
    if match is None or not is_bucket_name(match[1]):
        raise InvalidArgument(f"The parameter {name} must be of the form oss://bucket/object.")
    try:
        return check_object(Address(match[1], match[2]))
    except InvalidObjectName as exc:
        raise InvalidArgument(f"The parameter {name} names no valid object.") from exc

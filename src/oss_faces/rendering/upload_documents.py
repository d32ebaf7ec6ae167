"""The XML bodies of multipart uploads. Element names follow the documentation and what the official SDKs read."""

from collections.abc import Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from oss_faces.protocol.dates import format_xml_date
from oss_faces.rendering.documents import Identity
from oss_faces.rendering.elements import document_bytes, shown_name, texts
from oss_faces.request import BeginUpload, CompleteUpload, ListParts, ListUploads
from oss_faces.values import ObjectMeta, Part, Upload

_STORAGE_CLASS = "Standard"


def upload_begun(want: BeginUpload, upload: Upload) -> bytes:
    """Write `<InitiateMultipartUploadResult>`."""
    root = Element("InitiateMultipartUploadResult")
    _encoding(root, encode_url=want.encode_url)
    key = shown_name(upload.key, encode_url=want.encode_url)
    texts(root, Bucket=want.address.bucket, Key=key, UploadId=upload.upload_id)
    return document_bytes(root)


def part_copied(part: Part) -> bytes:
    """Write `<CopyPartResult>`."""
    root = Element("CopyPartResult")
    texts(root, LastModified=format_xml_date(part.last_modified), ETag=f'"{part.etag}"')
    return document_bytes(root)


def upload_completed(want: CompleteUpload, meta: ObjectMeta, identity: Identity) -> bytes:
    """Write `<CompleteMultipartUploadResult>`. The location is in path style, which works at every address."""
    root = Element("CompleteMultipartUploadResult")
    _encoding(root, encode_url=want.encode_url)
    bucket = want.upload.object.bucket
    location = f"http://{identity.endpoint}/{bucket}/{quote(meta.key, safe='/')}"
    key = shown_name(meta.key, encode_url=want.encode_url)
    texts(root, Location=location, Bucket=bucket, Key=key, ETag=f'"{meta.etag}"')
    return document_bytes(root)


def part_list(want: ListParts, parts: Sequence[Part], next_marker: int) -> bytes:
    """Write `<ListPartsResult>`.

    Args:
        next_marker: number of the last part when there are more, else 0. The document has a marker on the last page
            too, without which oss2 cannot read it.
    """
    root = Element("ListPartsResult")
    _encoding(root, encode_url=want.encode_url)
    address = want.upload.object
    key = shown_name(address.key, encode_url=want.encode_url)
    texts(root, Bucket=address.bucket, Key=key, UploadId=want.upload.upload_id, StorageClass=_STORAGE_CLASS)
    last = parts[-1].number if parts else want.marker
    texts(root, PartNumberMarker=str(want.marker), NextPartNumberMarker=str(last))
    texts(root, MaxParts=str(want.max_parts), IsTruncated="true" if next_marker else "false")
    for part in parts:
        texts(
            SubElement(root, "Part"),
            PartNumber=str(part.number),
            LastModified=format_xml_date(part.last_modified),
            ETag=f'"{part.etag}"',
            HashCrc64ecma=str(part.crc64),
            Size=str(part.size_bytes),
        )
    return document_bytes(root)


def upload_list(
    want: ListUploads, uploads: Sequence[Upload], common_prefixes: Sequence[str], next_markers: tuple[str, str]
) -> bytes:
    """Write `<ListMultipartUploadsResult>`. `next_markers`, key and upload id, are empty on the last page."""
    root = Element("ListMultipartUploadsResult")
    encode = want.encode_url
    _encoding(root, encode_url=encode)
    next_key, next_id = next_markers
    texts(root, Bucket=want.bucket, KeyMarker=shown_name(want.key_marker, encode_url=encode))
    texts(root, UploadIdMarker=want.upload_id_marker)
    texts(root, NextKeyMarker=shown_name(next_key, encode_url=encode), NextUploadIdMarker=next_id)
    texts(root, Delimiter=shown_name(want.delimiter, encode_url=encode))
    texts(root, Prefix=shown_name(want.prefix, encode_url=encode), MaxUploads=str(want.max_uploads))
    texts(root, IsTruncated="true" if next_key else "false")
    for upload in uploads:
        texts(
            SubElement(root, "Upload"),
            Key=shown_name(upload.key, encode_url=encode),
            UploadId=upload.upload_id,
            StorageClass=_STORAGE_CLASS,
            Initiated=format_xml_date(upload.started),
        )
    for prefix in common_prefixes:
        texts(SubElement(root, "CommonPrefixes"), Prefix=shown_name(prefix, encode_url=encode))
    return document_bytes(root)


def _encoding(root: Element, *, encode_url: bool) -> None:
    if encode_url:
        texts(root, EncodingType="url")

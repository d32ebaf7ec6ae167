"""Write the tables of docs/errors.md from the error classes: `python docs/generate_errors.py [--check]`.

When an error happens is said by its class, in the first line of its docstring; what a user can do about it is said
here. An error without advice ends this program with an error, so that none stays undocumented.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from marked_region import keep

from oss_faces import errors
from oss_faces.errors import OssFacesError

PAGE: Final = Path(__file__).with_name("errors.md")
SOURCE: Final = Path(__file__).parents[1] / "src" / "oss_faces"

# Never raised themselves, or never on the wire.
_NOT_LISTED: Final = frozenset(
    {
        "RequestError",
        "StorageError",
        "ImageError",
        "PictureError",
        "CapacityError",
        "InferenceError",
        "ConfigurationError",
    }
)
_ADVICE: Final = {
    "OssFacesError": "Look up the request id in the log; it is a defect of this server. Retrying seldom helps.",
    "InvalidArgument": "Correct what the message names. Not retried by any SDK.",
    "MissingArgument": "Send the parameter.",
    "MalformedXML": "Send the body that the operation's page describes.",
    "InvalidBucketName": "Use 3 to 63 of a-z, 0-9 and `-`, with no `-` first or last; use path style.",
    "InvalidObjectName": "Use 1 to 1,023 bytes of UTF-8.",
    "InvalidDigest": "Compute Content-MD5 over the bytes that are sent.",
    "IncompleteBody": "Send all of the body, without long pauses; see `server.body_idle_s`.",
    "EntityTooLarge": "Send less, or raise `storage.object_bytes_max`.",
    "EntityTooSmall": "Make every part but the last at least 100 KiB; see `storage.part_bytes_min`.",
    "InvalidPart": "Name the parts with the ETags that their uploads returned; ListParts tells them.",
    "InvalidPartOrder": "Sort the parts by number; no number twice.",
    "AccessDenied": "Sign the request; for a presigned URL make a new one. `image/faces` is never anonymous. "
    "`AuthAction` in the body names a permission that the key has not been granted ([keys and grants](keys.md)).",
    "InvalidAccessKeyId": "Use a key of this server, not one of Alibaba Cloud: `oss-faces keys list`. Temporary "
    "credentials need their token, lasting keys none.",
    "InvalidSecurityToken": "Send the token exactly as it was given out with the key.",
    "AccessKeyIdAndSecurityTokenNotMatch": "Use id, secret and token of one and the same credentials.",
    "SecurityTokenExpired": "Get new temporary credentials: `oss-faces keys assume`.",
    "SignatureDoesNotMatch": "Compare `StringToSign` and `CanonicalRequest` of the body with what the client signed. "
    "Usual causes: a wrong secret, or a proxy that rewrites the path, the host or Content-Type.",
    "RequestTimeTooSkewed": "Set the clocks, of the client first.",
    "NoSuchStyle": "There are no styles; write the operations out.",
    "BucketNotAttached": "Attach the bucket with AttachOSSBucket, or leave `imm.auto_attach` on.",
    "InvalidProcess": "Correct what the message names; see [Image operations](image-operations.md).",
    "MissingContentLength": "Send `Content-Length`, or a body in chunks; every SDK does.",
    "MethodNotAllowed": "Use the method of the operation.",
    "NotImplementedOnServer": "See [what differs](differences.md) for what is served.",
    "NoSuchBucket": "Make the bucket; look whether the client has put the bucket into the host name ([SDKs](sdks.md)).",
    "NoSuchKey": "Store the object; compare the key byte by byte.",
    "NoSuchUpload": "Begin the upload anew. After an answer that was lost, look first whether the object is there.",
    "BucketAlreadyExists": "Choose another name.",
    "BucketNotEmpty": "Delete its objects and abort its uploads first.",
    "FileAlreadyExists": "Leave out `x-oss-forbid-overwrite`, or use another key.",
    "ObjectNotAppendable": "Use another key, or PutObject to write the object anew.",
    "PositionNotEqualToLength": "Append at the position in `x-oss-next-append-position`.",
    "ObjectTooLarge": "Only seen as the error of the operation that read the object.",
    "TooManyBuckets": "Delete buckets, or raise `storage.buckets_max`.",
    "PreconditionFailed": "Read the object again and decide anew.",
    "NotModified": "Use the copy that you have. There is no body.",
    "InvalidRange": "Ask for a range inside the object.",
    "StorageUnavailable": "Look at the disk (full, read-only) and at the log, then retry.",
    "MeteringUnavailable": "Look at the data folder's disk and at the log, then retry; see [Metering](metering.md).",
    "UpstreamDenied": "Look at the rights on the folder, or at the key of the [mount](mounts.md), and at the log.",
    "BucketIsMounted": "Read only; or set `writable` for the [mount](mounts.md). Its name and ACL are fixed.",
    "UnsupportedFormat": "Store a JPEG, PNG, BMP, GIF, WebP, TIFF, HEIC or AVIF file.",
    "CorruptImage": "Store the file again; it is damaged beyond use.",
    "ImageTooLarge": "Store a smaller picture, or raise the limits of `[decoding]`.",
    "PictureNotSupported": "Store a JPEG, PNG, BMP, GIF, WebP, TIFF, HEIC or AVIF file.",
    "PictureDamaged": "Store the file again; it is damaged beyond use.",
    "PictureTooLarge": "Ask for less, store a smaller picture, or raise the limits of `[imaging]` and `[decoding]`.",
    "OutsidePicture": "Look at the size of the picture: `image/info`.",
    "Overloaded": "Retry after the time in `Retry-After`; see `workers.waiting` and `workers.running`.",
    "RefusedAtDoor": "Retry after the time in `Retry-After`; see `workers.examined` and `workers.waiting`.",
    "WorkerLost": "Retry once. A picture with which it happens again crashes a decoder or a network: keep it, and "
    "report it. The log has the exit status of the process; see also `workers.memory_bytes_max`.",
    "DeadlineExceeded": "Retry; if it stays, add processors, or see `workers.deadline_s`.",
    "ModelUnavailable": "At the start, or on the wire when a file was changed under a running server: install the "
    "package that the message names.",
    "EngineFailed": "Look up the request id in the log.",
}


def main() -> None:
    """Bring the page up to date, or check it."""
    keep(PAGE, f"{_classes()}\n{_special_cases()}")


def _classes() -> str:
    rows = [
        f"| `{kind.__name__}` | `{kind.code}` | {kind.http_status} | {kind.ec} | {_when(kind)} | {_ADVICE[name]} |\n"
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, OssFacesError) and name not in _NOT_LISTED
    ]
    head = "| class | Code | HTTP | EC | when | what to do |\n|---|---|---|---|---|---|\n"
    return f"## Every error\n\n{head}{''.join(rows)}"


def _when(kind: type[OssFacesError]) -> str:
    return inspect.cleandoc(kind.__doc__ or "").splitlines()[0].replace("|", "\\|")


def _special_cases() -> str:
    rows = sorted({row for path in SOURCE.rglob("*.py") for row in _raised_with_ec(path)})
    head = "| EC | class | message |\n|---|---|---|\n"
    return f"## Special EC values\n\n{head}" + "".join(f"| {ec} | `{name}` | `{text}` |\n" for ec, name, text in rows)


def _raised_with_ec(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give (ec, class, message) of each place in a module that raises one of our errors with an EC of its own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and hasattr(errors, node.func.id)):
            continue
        kind = getattr(errors, node.func.id)
        message = _text(node.args[0]) if node.args else kind.default_message
        for keyword in node.keywords:
            if keyword.arg == "ec":
                for ec in _constants(keyword.value):
                    yield ec, kind.__name__, message


def _text(node: ast.expr) -> str:
    """Write a message as it stands in the code, with `...` for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "..."


def _constants(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


main()

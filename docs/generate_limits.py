"""Write the table of limits in docs/security.md: `python docs/generate_limits.py [--check]`.

Defaults come from the settings, fixed limits from the constants that the code itself uses.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marked_region import keep

from oss_faces.config import Settings
from oss_faces.http.connection import HEAD_BYTES_MAX, HEADERS_MAX
from oss_faces.protocol import encoding, imm_claims, process, signing_v4
from oss_faces.request import COMPLETE_BODY_BYTES_MAX, DELETE_BODY_BYTES_MAX
from oss_faces.request.writing import USER_METADATA_BYTES_MAX
from oss_faces.values import DELETE_KEYS_MAX, KEY_BYTES_MAX, LIST_ENTRIES_MAX

PAGE: Final = Path(__file__).with_name("security.md")
_SIZES: Final = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
_CLOSED: Final = "connection closed"
_TOO_LARGE: Final = "400 `ImageTooLarge`"
_UNAVAILABLE: Final = "503, `Retry-After: 1`"
_FULL: Final = "503, `Retry-After` of 1 s to 3 s (`workers.retry_after_s_max`)"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row.

    Attributes:
        value: of a fixed limit as it is to be read; of a setting `section.key`.
        unit: of a setting: `bytes`, or a word that follows the number.
    """

    what: str
    value: str
    beyond: str
    unit: str = ""


def main() -> None:
    """Bring the page up to date, or check it."""
    rows = "".join(_row(limit) for limit in LIMITS)
    keep(PAGE, f"| limit | default | setting | beyond it |\n|---|---|---|---|\n{rows}")


def _row(limit: Limit) -> str:
    section, _, key = limit.value.partition(".")
    if not hasattr(Settings(), section):
        return f"| {limit.what} | {limit.value} | fixed | {limit.beyond} |\n"
    default = getattr(getattr(Settings(), section), key)
    shown = _size(default) if limit.unit == "bytes" else f"{default:,} {limit.unit}".strip()
    if default == 0 and limit.value == "workers.running":
        shown = "one for each processor"
    return f"| {limit.what} | {shown} | `{limit.value}` | {limit.beyond} |\n"


def _size(size_bytes: int) -> str:
    """Write a number of bytes in the largest unit that gives a whole number."""
    unit, factor = next((pair for pair in _SIZES if size_bytes % pair[1] == 0), ("bytes", 1))
    return f"{size_bytes // factor:,} {unit}"


LIMITS: Final = (
    Limit("open connections", "server.connections_max", "503 as plain text"),
    Limit("head of a request", f"{_size(HEAD_BYTES_MAX)}, {HEADERS_MAX} headers", "400 as plain text"),
    Limit("wait for a request's head, or for a client that reads", "server.header_timeout_s", _CLOSED, "s"),
    Limit("pause inside a body", "server.body_idle_s", "400 `IncompleteBody`", "s"),
    Limit("query", f"{_size(encoding.QUERY_LENGTH_MAX)}, {encoding.PARAMETERS_MAX} parameters", "400"),
    Limit(
        "query and form of IMM",
        f"{_size(imm_claims.QUERY_LENGTH_MAX)} and {_size(imm_claims.BODY_BYTES_MAX)}, "
        f"{imm_claims.PARAMETERS_MAX:,} parameters",
        "400",
    ),
    Limit(
        "process string",
        f"{process.PROCESS_LENGTH_MAX:,} characters, {process.STEPS_MAX} steps, {process.CHAINS_MAX} chains",
        "400",
    ),
    Limit("key of an object", f"{KEY_BYTES_MAX:,} bytes", "400 `InvalidObjectName`"),
    Limit("user metadata of an object", _size(USER_METADATA_BYTES_MAX), "400"),
    Limit(
        "list of keys to delete", f"{DELETE_KEYS_MAX:,} keys, {_size(DELETE_BODY_BYTES_MAX)}", "400 `EntityTooLarge`"
    ),
    Limit("list of parts", _size(COMPLETE_BODY_BYTES_MAX), "400 `EntityTooLarge`"),
    Limit("entries of a listing", f"{LIST_ENTRIES_MAX:,}", "the next page"),
    Limit("object", "storage.object_bytes_max", "400 `EntityTooLarge`", "bytes"),
    Limit("buckets", "storage.buckets_max", "400 `TooManyBuckets`"),
    Limit("life of a presigned V4 URL", f"{signing_v4.EXPIRES_S_MAX:,} s", "403"),
    Limit("difference between a signature's time and the clock", "signing.skew_s", "403 `RequestTimeTooSkewed`", "s"),
    Limit("remembered nonces of IMM", "imm.nonces_max", "the oldest are forgotten"),
    Limit("pictures worked on at a time", "workers.running", "the next ones wait"),
    Limit("pictures waiting", "workers.waiting", _FULL),
    Limit(
        "requests for work on pictures that are looked at",
        "workers.examined",
        f"they wait; when no more pictures may wait: {_FULL}",
    ),
    Limit("time from admission to answer of a picture", "workers.deadline_s", _UNAVAILABLE, "s"),
    Limit("memory of a worker process", "workers.memory_bytes_max", f"{_TOO_LARGE}, or 503", "bytes"),
    Limit("picture file", "decoding.size_bytes_max", _TOO_LARGE, "bytes"),
    Limit("side of a picture", "decoding.side_max", _TOO_LARGE, "pixels"),
    Limit("side of a TIFF", "decoding.tiff_side_max", _TOO_LARGE, "pixels"),
    Limit("pixels of a picture, of a GIF all frames together", "decoding.pixels_max", _TOO_LARGE),
    Limit("memory for decoding one picture", "decoding.working_bytes_max", _TOO_LARGE, "bytes"),
    Limit("scans of a progressive JPEG", "decoding.scans_max", _TOO_LARGE),
    Limit("pixels of an edited picture", "imaging.pixels_max", _TOO_LARGE),
    Limit("pixels read and written by one chain of edits", "imaging.work_pixels_max", _TOO_LARGE),
    Limit("faces of one picture", "detection.faces_max", "those of highest score stay"),
    Limit("attempt at a mounted service", "mounts.attempt_s", _UNAVAILABLE, "s"),
    Limit("whole call of a mounted service", "mounts.call_s", _UNAVAILABLE, "s"),
    Limit("tries of a task", "tasks.attempts_max", "the task has failed"),
)


main()

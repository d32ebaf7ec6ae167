"""Which case is for which client. Where a client cannot take part, the reason stands here."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.conformance import cases_faces, cases_imm, cases_objects, cases_refusals
from tests.conformance.bench import Bench
from tests.conformance.toolchains import Client

OSS_CASES: Final = (*cases_faces.CASES, *cases_objects.CASES, *cases_refusals.CASES)
CASES: Final[Mapping[str, Callable[[Bench], None]]] = {case.__name__: case for case in (*OSS_CASES, *cases_imm.CASES)}
# Cases that some clients cannot take part in; a report has no line for them.
ONLY_FOR: Final[Mapping[str, frozenset[str]]] = {
    # It alone leaves x-oss-process out of a V1 signature.
    "faces_v1_unsigned_process": frozenset({"python-v2"}),
    # The others write the bucket into the path of a local server.
    "faces_virtual_host": frozenset({"python-v2", "go-v1", "go-v2", "node"}),
    # The others have no call for a URL.
    "faces_url_through_client": frozenset({"oss2", "java", "go-v1", "curl"}),
    "expired_url_through_client": frozenset({"oss2", "java", "go-v1", "curl"}),
    **{case.__name__: frozenset({"imm"}) for case in cases_imm.CASES},
}
NOT_FOR: Final[Mapping[str, frozenset[str]]] = {
    # The unsigned operation, see above.
    "faces_v1": frozenset({"python-v2"}),
    "faces_sts_v1": frozenset({"python-v2"}),
    "faces_presigned_v1": frozenset({"python-v2"}),
    # Go v1 signs always, and ali-oss refuses to be made without a key.
    "anonymous": frozenset({"go-v1", "node"}),
    # It takes a 304 for a success.
    "not_modified": frozenset({"node"}),
    # A URL of a wrong clock is one that has expired.
    "skewed_clock": frozenset({"curl"}),
}
# What is replayed of PHP: the captured form of its GET.
_PHP: Final = frozenset(
    {
        "faces_v4", "faces_sts", "same_faces", "wrong_secret", "unknown_key", "skewed_clock", "missing_object",
        "missing_bucket", "not_a_picture", "too_large", "unknown_operation",
    }
)  # fmt: skip
# There is no URL for these.
_NOT_CURL: Final = frozenset(
    {
        "put_head_list_delete", "put_v1", "awkward_keys", "list_pages", "delete_many", "copy", "bucket_life",
        "missing_object_head", "multipart", "multipart_abort", "upload_file", "append",
    }
)  # fmt: skip


def cases_of(client: Client) -> list[str]:
    """Name the cases that this client takes part in."""
    if client.name == "imm":
        return [case.__name__ for case in cases_imm.CASES]
    names = [
        name
        for name in CASES
        if client.name in ONLY_FOR.get(name, {client.name}) and client.name not in NOT_FOR.get(name, ())
    ]
    limited = {"php": _PHP, "curl": frozenset(names) - _NOT_CURL}
    return [name for name in names if name in limited.get(client.name, names)]

"""Requests to an S3 or OSS bucket by Apache OpenDAL: the one module that calls that library and knows its errors.

Every call ends in bounded time. What the service says in an error goes to the log, its first line only, and never to
the client.
"""

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final

import anyio
from anyio import to_thread
from opendal import AsyncOperator
from opendal import exceptions as opendal_errors
from opendal.layers import RetryLayer, TimeoutLayer
from opendal.options import WriteKwargs
from opendal.types import Metadata

from oss_faces.errors import ConfigurationError, FileAlreadyExists, NoSuchKey, StorageUnavailable, UpstreamDenied
from oss_faces.storage.base import PutSpec
from oss_faces.storage.mounted_key import Credentials
from oss_faces.storage.mounted_settings import MountSettings, MountsSettings
from oss_faces.values import DEFAULT_CONTENT_TYPE

_log: Final = logging.getLogger(__name__)

_RETRY_DELAY_S: Final = (0.1, 1.0)
_REASON_CHARS_MAX: Final = 200
# A call that ends in the moment in which the interpreter ends aborts the process: the library's threads still hold
# objects of it. Measured: 9 of 30 processes without this, none of 30 with half of this.
_SETTLE_S: Final = 0.1
_ERRORS: Final = (
    opendal_errors.Error,
    opendal_errors.Unexpected,
    opendal_errors.Unsupported,
    opendal_errors.ConfigInvalid,
    opendal_errors.IsADirectory,
    opendal_errors.NotADirectory,
    opendal_errors.IsSameFile,
    opendal_errors.RateLimited,
    opendal_errors.Conflict,
)
_OSS_NAMES: Final = ("access_key_secret", "security_token")
_PERHAPS_PASSING: Final = (opendal_errors.Unexpected, opendal_errors.RateLimited)
# The service's page size; more than 1,000 is an error in OSS.
_PAGE_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """What the service tells of an object. `etag` is as it came, to be sent back; empty when there is none."""

    path: str
    size_bytes: int
    etag: str
    content_type: str
    last_modified: datetime
    user: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing: an object, or with `facts` None the common prefix of several."""

    path: str
    facts: Facts | None


class Replaced(StorageUnavailable):
    """The object is another one than that which was looked at; only seen when looking again does not help either."""

    default_message = "The object was replaced while it was read. Please try again."


class Upstream:
    """One bucket of a service, below its prefix.

    Args:
        operator: the library's client, without retries.
    """

    def __init__(self, operator: AsyncOperator, settings: MountsSettings) -> None:
        low_s, high_s = _RETRY_DELAY_S
        retry = RetryLayer(settings.retries, 2.0, jitter=True, max_delay=high_s, min_delay=low_s)
        self._operator = operator.layer(retry) if settings.retries else operator
        # The library's own retries end in a panic when a content is shorter than was told.
        self._reader = operator
        self._retries = settings.retries
        self._call_s = settings.call_s
        self._part_bytes = settings.part_bytes

    async def stat(self, path: str) -> Facts:
        """Describe an object.

        Raises:
            NoSuchKey, UpstreamDenied, StorageUnavailable.
        """
        with _translated(), anyio.fail_after(self._call_s):
            return _facts(path, await self._operator.stat(path))

    async def read(self, path: str, start: int, size_bytes: int, etag: str) -> bytes:
        """Read a part of an object, which must still have this ETag (any, when that is empty).

        Raises:
            Replaced: it has another one.
            NoSuchKey, UpstreamDenied, StorageUnavailable.
        """
        with _translated(), anyio.fail_after(self._call_s):
            for _ in range(self._retries):
                with suppress(*_PERHAPS_PASSING):
                    return await self._reader.read(path, offset=start, size=size_bytes, if_match=etag or None)
                await anyio.sleep(_RETRY_DELAY_S[0])
            return await self._reader.read(path, offset=start, size=size_bytes, if_match=etag or None)

    async def entries(self, prefix: str, after: str, limit: int, *, is_recursive: bool) -> AsyncGenerator[Entry, None]:
        """Give the entries with a prefix behind `after`, page by page, as the service orders them.

        Raises:
            UpstreamDenied.
            StorageUnavailable: also when the bucket is not there.
        """
        try:
            with _translated(), anyio.fail_after(self._call_s):
                lines = aiter(
                    await self._operator.list(
                        prefix, recursive=is_recursive, limit=min(limit, _PAGE_MAX), start_after=after or None
                    )
                )
            while True:
                with _translated(), anyio.fail_after(self._call_s):
                    try:
                        line = await anext(lines)
                    except StopAsyncIteration:
                        return
                    entry = Entry(line.path, None if line.metadata.is_dir else _facts(line.path, line.metadata))
                yield entry
        except NoSuchKey as exc:
            raise StorageUnavailable(context={"reason": "the bucket behind the mount is not there"}) from exc

    async def write(self, path: str, content: IO[bytes], size_bytes: int, spec: PutSpec) -> None:
        """Write an object from a file; up to `part_bytes` in one piece.

        Raises:
            FileAlreadyExists, UpstreamDenied, StorageUnavailable.
        """
        options = _write_options(spec)
        with _translated(is_new=spec.forbid_overwrite):
            if size_bytes <= self._part_bytes:
                whole = await to_thread.run_sync(content.read)
                with anyio.fail_after(self._call_s):
                    await self._operator.write(path, whole, **options)
                return
            # Closing is what makes the object: what ends before that leaves none. (The library's own context manager
            # closes after an error, too, and would store half an object.)
            options["chunk"] = self._part_bytes
            file = await self._operator.open(path, "wb", **options)
            while block := await to_thread.run_sync(content.read, self._part_bytes):
                with anyio.fail_after(self._call_s):
                    await file.write(block)
            with anyio.fail_after(self._call_s):
                await file.close()

    async def delete(self, path: str) -> None:
        """Remove an object; one that does not exist is removed already.

        Raises:
            UpstreamDenied, StorageUnavailable.
        """
        with _translated(), anyio.fail_after(self._call_s):
            await self._operator.delete(path)

    async def aclose(self) -> None:
        """Wait for what the library still does."""
        await anyio.sleep(_SETTLE_S)


def open_upstream(mount: MountSettings, credentials: Credentials | None, settings: MountsSettings) -> Upstream:
    """Make the client for a mount; sends no request.

    Args:
        mount: of kind `s3` or `oss`.
        credentials: `None` for an anonymous one.

    Raises:
        ConfigurationError: the service's client cannot be made.
    """
    options = {"bucket": mount.bucket, "endpoint": mount.endpoint.rstrip("/"), "root": f"/{mount.prefix}"}
    if mount.kind == "s3":
        # Nothing is taken from the files and the network of the machine: a mount says all of it.
        options |= {"region": mount.region, "disable_config_load": "true", "disable_ec2_metadata": "true"}
        options["enable_virtual_host_style"] = "false" if mount.is_path_style else "true"
    else:
        options["addressing_style"] = "path" if mount.is_path_style else "virtual"
    options |= {"skip_signature": "true"} if credentials is None else _key_options(mount.kind, credentials)
    try:
        operator = AsyncOperator(mount.kind, **options).layer(TimeoutLayer(settings.attempt_s, settings.attempt_s))
    except _ERRORS as exc:
        # Without the text, which may name what stands in the settings.
        raise ConfigurationError(f"the mount of {mount.place} cannot be opened: {type(exc).__name__}") from exc
    return Upstream(operator, settings)


def _write_options(spec: PutSpec) -> WriteKwargs:
    headers = spec.headers
    options = WriteKwargs(content_type=headers.content_type, if_not_exists=spec.forbid_overwrite)
    if headers.user:
        options["user_metadata"] = dict(headers.user)
    if "cache-control" in headers.standard:
        options["cache_control"] = headers.standard["cache-control"]
    if "content-disposition" in headers.standard:
        options["content_disposition"] = headers.standard["content-disposition"]
    if "content-encoding" in headers.standard:
        options["content_encoding"] = headers.standard["content-encoding"]
    return options


def _key_options(kind: str, credentials: Credentials) -> dict[str, str]:
    secret_name, token_name = ("secret_access_key", "session_token") if kind == "s3" else _OSS_NAMES
    options = {"access_key_id": credentials.access_key_id, secret_name: credentials.secret.reveal()}
    if credentials.token is not None:
        options[token_name] = credentials.token.reveal()
    return options


def _facts(path: str, metadata: Metadata) -> Facts:
    headers = {"content-disposition": metadata.content_disposition, "content-encoding": metadata.content_encoding}
    modified = metadata.last_modified or datetime.fromtimestamp(0, UTC)
    return Facts(
        path=path,
        size_bytes=metadata.content_length,
        etag=metadata.etag or "",
        content_type=metadata.content_type or DEFAULT_CONTENT_TYPE,
        last_modified=modified.astimezone(UTC).replace(microsecond=0),
        user={name.lower(): value for name, value in (metadata.user_metadata or {}).items()},
        headers={name: value for name, value in headers.items() if value},
    )


@contextmanager
def _translated(*, is_new: bool = False) -> Iterator[None]:
    """Turn the errors of the library, and of the time limits around it, into ours."""
    try:
        yield
    except opendal_errors.NotFound as exc:
        raise NoSuchKey from exc
    except opendal_errors.PermissionDenied as exc:
        _log.warning("a mounted bucket lets us not in: %s", _first_line(exc))
        raise UpstreamDenied(context={"reason": _first_line(exc)}) from None
    except (opendal_errors.ConditionNotMatch, opendal_errors.AlreadyExists, opendal_errors.RangeNotSatisfied) as exc:
        if is_new:
            raise FileAlreadyExists from exc
        raise Replaced from exc
    except _ERRORS as exc:
        raise StorageUnavailable(context={"reason": _first_line(exc)}) from None
    except (TimeoutError, OSError) as exc:
        raise StorageUnavailable(context={"reason": type(exc).__name__}) from exc


def _first_line(exc: Exception) -> str:
    """Take the part of an error that names no header: neither a signature nor a token can be in it."""
    return str(exc).partition("\n")[0][:_REASON_CHARS_MAX]

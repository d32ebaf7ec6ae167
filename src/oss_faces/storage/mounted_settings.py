"""Buckets that live elsewhere: which ones, where, and within which limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from oss_faces.errors import ConfigurationError
from oss_faces.protocol.bucket_name import is_bucket_name
from oss_faces.storage.settings import GIB, MIB

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MountSettings:
    """Where one bucket lives. A folder needs `folder`; S3 and OSS need `endpoint`, `bucket` and a key.

    Attributes:
        kind: `folder`, `s3` or `oss`.
        folder: an existing folder.
        writable: whether objects may be stored and deleted through this server.
        endpoint: URL of the service, `https://oss-cn-hangzhou.aliyuncs.com` for instance.
        bucket: name of the bucket there.
        prefix: only what lies under this prefix of that bucket, `photos/2024/` for instance; keys are told without it.
        region: region that signatures are made for; S3 only.
        addressing: `path`, `virtual` (the bucket's name in the host) or `auto`: path for S3 and for an IP address or
            localhost, else virtual.
        anonymous: send requests without a signature, for public buckets.
        access_key_id_env: name of the environment variable that holds the access key id.
        access_key_secret_env: name of the environment variable that holds the secret.
        security_token_env: name of the environment variable that holds a security token, if one is needed.
        credentials_file: JSON file with `access_key_id`, `access_key_secret` and perhaps `security_token`, readable by
            its owner only, instead of the variables.
    """

    kind: Literal["folder", "s3", "oss"] = "folder"
    folder: Path | None = None
    writable: bool = False
    endpoint: str = ""
    bucket: str = ""
    prefix: str = ""
    region: str = ""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    anonymous: bool = False
    access_key_id_env: str = ""
    access_key_secret_env: str = ""
    security_token_env: str = ""
    credentials_file: Path | None = None

    # A misspelled key is an error here as in every other section.
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    @property
    def place(self) -> str:
        """Tell people where the bucket lives; nothing in it is secret."""
        if self.kind == "folder":
            return str(self.folder)
        return f"{self.kind}://{self.bucket}/{self.prefix} at {self.endpoint}"

    @property
    def is_path_style(self) -> bool:
        """Whether the bucket's name goes into the path of upstream requests."""
        if self.addressing != "auto":
            return self.addressing == "path"
        host = urlsplit(self.endpoint).hostname or ""
        return self.kind == "s3" or host == "localhost" or _is_ip_address(host)

    def validate(self, name: str) -> None:
        """Refuse what cannot be mounted as this bucket.

        Raises:
            ConfigurationError: names the setting, never a value that may be secret.
        """
        where = f"mounts.buckets.{name}"
        if not is_bucket_name(name):
            raise ConfigurationError(f"{where}: a bucket has 3 to 63 of a-z, 0-9 and -, with no - first or last")
        if self.kind == "folder":
            self._validate_folder(where)
        else:
            self._validate_service(where)

    def _validate_folder(self, where: str) -> None:
        if self.folder is None:
            raise ConfigurationError(f"{where}.folder is missing")
        if not self.folder.is_dir():
            raise ConfigurationError(f"{where}.folder is no folder that can be read: {self.folder}")
        given = [key for key in ("endpoint", "bucket", "prefix", "region", "credentials_file") if getattr(self, key)]
        if given:
            raise ConfigurationError(f"{where}.{given[0]} is of no use with a folder; is kind missing?")

    def _validate_service(self, where: str) -> None:
        if self.folder is not None:
            raise ConfigurationError(f"{where}.folder is of no use with kind {self.kind}")
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ConfigurationError(f"{where}.endpoint must be http://HOST[:PORT] or https://HOST[:PORT]")
        if parts.username or parts.password:
            raise ConfigurationError(f"{where}.endpoint must not hold a key; name variables or a file instead")
        if not re.fullmatch(r"[A-Za-z0-9._-]{3,255}", self.bucket, re.ASCII):
            raise ConfigurationError(f"{where}.bucket must name the bucket that is to be mounted")
        if self.prefix and not is_plain_path(self.prefix.removesuffix("/")):
            raise ConfigurationError(f"{where}.prefix must be like photos/2024/, without empty or dotted steps")
        if self.kind == "s3" and not self.region:
            raise ConfigurationError(f"{where}.region is missing; S3 signatures need it (us-east-1 for many others)")
        self._validate_credentials(where)

    def _validate_credentials(self, where: str) -> None:
        by_variables = bool(self.access_key_id_env and self.access_key_secret_env)
        if (self.anonymous, by_variables, self.credentials_file is not None).count(True) != 1:
            raise ConfigurationError(
                f"{where} needs access_key_id_env and access_key_secret_env, or credentials_file, or anonymous = true"
            )
        for key in ("access_key_id_env", "access_key_secret_env", "security_token_env"):
            if getattr(self, key) and not _VARIABLE.fullmatch(getattr(self, key)):
                # Not quoted: whoever mixes up name and value gives the secret here.
                raise ConfigurationError(f"{where}.{key} must be the name of an environment variable")


@dataclass(frozen=True, slots=True, kw_only=True)
class MountsSettings:
    """Buckets that live in folders, in S3 or in OSS; see the page on mounts.

    Attributes:
        buckets: bucket name to where it lives, one table `[mounts.buckets.NAME]` each; the keys are on the page on
            mounts.
        calls_max: most blocking calls on the folders that work at the same time; more wait their turn.
        attempt_s: longest wait for one answer of an S3 or OSS service, connecting included, and for each next piece of
            a content.
        call_s: longest wait for such a service in one step, retries included: a fact, a page of a listing, 8 MiB of a
            content.
        retries: how often a failed request to such a service is sent again.
        part_bytes: size of the parts in which larger objects are sent to such a service; up to this size an object is
            sent in one piece, and its ETag there is its MD5.
        digest_bytes_max: largest file whose ETag is the MD5 of its content; the ETag of a larger one is made of its
            size, its time and its inode.
        digests_max: most files whose MD5 is remembered.
        listing_bytes_max: most bytes that are read for one page of a listing, to tell ETags that are not remembered;
            the page then ends early and the next one goes on.
        listing_names_max: most names that one page of a listing may look at, repeated looks counted.
    """

    buckets: Mapping[str, MountSettings] = field(default_factory=dict)
    calls_max: int = 8
    attempt_s: float = 3.0
    call_s: float = 8.0
    retries: int = 1
    part_bytes: int = 16 * MIB
    digest_bytes_max: int = 128 * MIB
    digests_max: int = 100_000
    listing_bytes_max: int = 512 * MIB
    listing_names_max: int = 2_000_000

    def validate(self) -> None:
        """Refuse values with which no bucket could be served.

        Raises:
            ConfigurationError: names the setting.
        """
        for name, mount in self.buckets.items():
            mount.validate(name)
        _require_between("calls_max", self.calls_max, 1, 1024)
        _require_between("attempt_s", self.attempt_s, 0.05, 600.0)
        _require_between("call_s", self.call_s, 0.05, 600.0)
        _require_between("retries", self.retries, 0, 10)
        _require_between("part_bytes", self.part_bytes, 5 * MIB, GIB)
        _require_between("digest_bytes_max", self.digest_bytes_max, 0, 1024 * GIB)
        _require_between("digests_max", self.digests_max, 0, 10_000_000)
        _require_between("listing_bytes_max", self.listing_bytes_max, 0, 1024 * GIB)
        _require_between("listing_names_max", self.listing_names_max, 1, 100_000_000)

    def require_apart(self, data_dir: Path) -> None:
        """Refuse a mounted folder through which the server's own files, the root key among them, could be read.

        Raises:
            ConfigurationError: one of the two folders lies in the other.
        """
        own = data_dir.resolve()
        for name, mount in self.buckets.items():
            if mount.folder is None:
                continue
            folder = mount.folder.resolve()
            if own.is_relative_to(folder) or folder.is_relative_to(own):
                raise ConfigurationError(f"mounts.buckets.{name}.folder and the data folder lie in one another: {own}")


def is_plain_path(path: str) -> bool:
    """Tell whether every step of a path is a name: none empty, none `.` or `..`, no blank at either end."""
    return path == path.strip() and all(step not in ("", ".", "..") for step in path.split("/"))


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigurationError(f"mounts.{name} is {value}; it must be from {low} to {high}")

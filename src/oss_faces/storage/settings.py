from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oss_faces.errors import ConfigurationError

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLimits:
    """Limits that every store holds to.

    Attributes:
        object_bytes_max: largest object that is accepted. OSS allows 5 GiB in one PutObject.
        buckets_max: most buckets in the store. OSS allows 100 in one region.
        metadata_bytes_max: most bytes of all user metadata of one object, names and values together; the
            stored standard headers have the same limit of their own. OSS allows 8 KiB of user metadata, and more is
            never taken over the wire.
        chunk_bytes: size in which bodies are read from and written to the store.
        part_bytes_min: smallest part of a multipart upload, but for its last one.
        multipart_bytes_max: largest object put together from parts. OSS allows 48.8 TiB, which is 10,000 parts of the
            largest size.
        uploads_max: most multipart uploads that are under way in the store.
        unfinished_bytes_max: most bytes of all parts of the uploads that are under way.
        upload_days_max: age at which an upload is aborted and its parts are removed. OSS keeps them until a lifecycle
            rule removes them.
    """

    object_bytes_max: int = 5 * GIB
    buckets_max: int = 100
    metadata_bytes_max: int = 8 * KIB
    chunk_bytes: int = 256 * KIB
    part_bytes_min: int = 100 * KIB
    multipart_bytes_max: int = 50_000 * GIB
    uploads_max: int = 1000
    unfinished_bytes_max: int = 1024 * GIB
    upload_days_max: int = 7

    def validate(self) -> None:
        """Refuse values with which the store could not work.

        Raises:
            ConfigurationError: names the setting.
        """
        _require_between("object_bytes_max", self.object_bytes_max, 1, 48 * 1024 * GIB)
        _require_between("buckets_max", self.buckets_max, 1, 1_000_000)
        _require_between("metadata_bytes_max", self.metadata_bytes_max, 0, MIB)
        _require_between("chunk_bytes", self.chunk_bytes, 1, 64 * MIB)
        _require_between("part_bytes_min", self.part_bytes_min, 1, 5 * GIB)
        _require_between("multipart_bytes_max", self.multipart_bytes_max, 1, 50_000 * GIB)
        _require_between("uploads_max", self.uploads_max, 0, 1_000_000)
        _require_between("unfinished_bytes_max", self.unfinished_bytes_max, 0, 500_000 * GIB)
        _require_between("upload_days_max", self.upload_days_max, 1, 3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings(StorageLimits):
    """Settings of the embedded store.

    Attributes:
        data_dir: folder of the store; made, with mode 0700, when it does not exist.
        reads_max: most reading calls that work at the same time; more wait their turn.
        writes_max: most writing calls that work at the same time. Apart from the reads, so that a disk busy
            with syncing does not hold up who only wants to read.
        busy_timeout_s: longest wait for the database before StorageUnavailable.
    """

    data_dir: Path = Path("data")
    reads_max: int = 8
    writes_max: int = 8
    busy_timeout_s: float = 5.0

    def validate(self) -> None:
        """Refuse values with which the store could not work.

        Raises:
            ConfigurationError: names the setting.
        """
        StorageLimits.validate(self)
        _require_between("reads_max", self.reads_max, 1, 1024)
        _require_between("writes_max", self.writes_max, 1, 1024)
        _require_between("busy_timeout_s", self.busy_timeout_s, 0.001, 600.0)


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigurationError(f"storage.{name} is {value}; it must be from {low} to {high}")

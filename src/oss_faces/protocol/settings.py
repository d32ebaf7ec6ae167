import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.protocol.bucket_name import is_bucket_name

ANY_REGION: Final = "*"

SKEW_S: Final = 15 * 60
"""Allowed difference between the request's date and the clock, in seconds. Source: OSS error 0002-00000504."""

_HOST_NAME: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddressingSettings:
    """How host names map to buckets.

    Attributes:
        base_names: own public names without a bucket; `<bucket>.<base name>` is then virtual-host style.
        custom_domains: whole host name -> bucket (CNAME style).
        default_bucket: bucket of requests that name none; empty for no such bucket. Only the Node SDK's V4
            presigned URLs on an IP endpoint need it.
    """

    base_names: tuple[str, ...] = ()
    custom_domains: Mapping[str, str] = field(default_factory=dict)
    default_bucket: str = ""

    def validate(self) -> None:
        """Raise ConfigurationError at the first name that cannot work."""
        for name in (*self.base_names, *self.custom_domains):
            if not _HOST_NAME.fullmatch(name):
                raise ConfigurationError(f"not a lower-case host name without a port: {name!r}")
        for bucket in (*self.custom_domains.values(), *filter(None, [self.default_bucket])):
            if not is_bucket_name(bucket):
                raise ConfigurationError(f"not a bucket name: {bucket!r}")


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """What signatures are accepted.

    Attributes:
        regions: region ids that a V4 scope may name, without `oss-`; `*` accepts every one.
        skew_s: allowed difference between a request's date and the clock, in seconds.
        v1_lenient_process: accept V1 signatures that do not cover `x-oss-process` (SDK `alibabacloud-oss-v2`
            with V1). Off, because whoever holds such a URL may change the operation.
    """

    regions: tuple[str, ...] = (ANY_REGION,)
    skew_s: int = SKEW_S
    v1_lenient_process: bool = False

    def validate(self) -> None:
        """Raise ConfigurationError at the first value that cannot work."""
        if not self.regions:
            raise ConfigurationError("at least one region is needed; '*' accepts every one")
        for region in self.regions:
            if region.startswith("oss-"):
                raise ConfigurationError(f"a region id has no 'oss-' before it: {region!r}")
        if self.skew_s < 1:
            raise ConfigurationError("the allowed clock skew must be at least 1 s")

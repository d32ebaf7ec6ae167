import re
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

_PORT: Final = re.compile(r"[0-9]{1,5}")
_REGION_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens and who it says it is.

    Attributes:
        listen: `host:port`; port 0 takes a free one.
        region: OSS region id without the `oss-` prefix; shown in locations and in the SDK snippet.
        endpoint: host name shown in bucket descriptions; empty means the listening address.
        owner_id: account shown as the owner of buckets and objects.
        header_timeout_s: longest wait for a client to send a whole request head, to use its connection again, or to
            read on in its answer; then the connection is closed.
        body_idle_s: longest wait for the next piece of a request's body.
        connections_max: open connections; further ones get 503.
        drain_s: time between the word to stop and the refusal of new connections. Until then requests are answered, and
            `/readyz` says no, so that a load balancer can look elsewhere. 0: no time.
        grace_s: time that running requests get when the server stops.
    """

    listen: str = "127.0.0.1:9000"
    region: str = "cn-hangzhou"
    endpoint: str = ""
    owner_id: str = "0000000000000001"
    header_timeout_s: int = 30
    body_idle_s: float = 30.0
    connections_max: int = 1000
    drain_s: float = 0.0
    grace_s: int = 15

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        _ = self.address
        if not self.region or not set(self.region) <= _REGION_CHARACTERS or self.region.startswith("oss-"):
            raise ConfigurationError(f"server.region must be a region id such as cn-hangzhou, not {self.region!r}")
        if not 1 <= self.header_timeout_s <= 3600 or not 0 < self.body_idle_s <= 3600:
            raise ConfigurationError("server.header_timeout_s and server.body_idle_s must be within an hour")
        if not 1 <= self.connections_max <= 100_000:
            raise ConfigurationError("server.connections_max must be between 1 and 100000")
        if not 0 <= self.drain_s <= 600:
            raise ConfigurationError("server.drain_s must be between 0 and 600")
        if not 0 <= self.grace_s <= 3600:
            raise ConfigurationError("server.grace_s must be between 0 and 3600")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`; a host in brackets is an IPv6 address."""
        return _address("server.listen", self.listen)


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """Where metrics and health are served, apart from the objects. Whoever can reach this address can read them.

    Attributes:
        listen: `host:port`; `auto` is the port behind that of `server.listen` on the loopback address, or a free one
            when that is taken or `server.listen` has port 0; `off` serves none.
    """

    listen: str = "auto"

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        _ = self.address

    @property
    def is_off(self) -> bool:
        """Whether there is no admin address."""
        return self.listen == "off"

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of `listen`; `None` when it is one of the two words."""
        return None if self.listen in ("auto", "off") else _address("admin.listen", self.listen)


def _address(setting: str, text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not _PORT.fullmatch(port) or int(port) > 65535:
        raise ConfigurationError(f"{setting} must be host:port, not {text!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)

import re
from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)
_ORIGINS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The console in the browser, on the admin address.

    Attributes:
        enabled: serve it, and let its page call the main port.
        endpoint: URL of the main port as browsers reach it, without a path: needed behind a proxy, and for browsers on
            other machines; empty means `http://` and the address that the server listens on.
        origins: where browsers see the console, for instance `https://console.example.com`: pages from there may call
            the main port. Empty means the admin address.
    """

    enabled: bool = True
    endpoint: str = ""
    origins: tuple[str, ...] = ()

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        if self.endpoint and not _ORIGIN.fullmatch(self.endpoint):
            raise ConfigurationError(f"console.endpoint must be like https://oss.example.com, not {self.endpoint!r}")
        if len(self.origins) > _ORIGINS_MAX:
            raise ConfigurationError(f"console.origins has more than {_ORIGINS_MAX} entries")
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(f"console.origins must be like https://console.example.com, not {origin!r}")

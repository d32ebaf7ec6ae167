from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from oss_faces.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL

_DRIVER: Final = "postgresql"
# Parameters of libpq that are secrets; a service file can hold them, too.
_SECRETS: Final = frozenset({"password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"})


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Settings of the state database.

    Attributes:
        url: `postgresql://user@host:5432/name` keeps it in PostgreSQL, which several servers may share; parameters of
            libpq such as `?sslmode=verify-full` may follow. Needs the extra `postgres`. The password is not part of it:
            it comes from `PGPASSWORD` or from the file that `PGPASSFILE` names. Empty: a SQLite file in the data
            folder.
        connections_max: most connections, and so most calls that work at the same time; more wait their turn.
        busy_timeout_s: longest wait for a connection and for another writer before StorageUnavailable.
        erase_by: of PostgreSQL only, how erased rows leave its files: `vacuum` frees their room while others go on, and
            their bytes stay in it until it is used again; `rewrite` writes the tables anew and keeps others waiting.
    """

    url: str = ""
    connections_max: int = 8
    busy_timeout_s: float = 5.0
    erase_by: Literal["vacuum", "rewrite"] = "vacuum"

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 1 <= self.connections_max <= 1024:
            raise ConfigurationError("database.connections_max must be between 1 and 1024")
        if not 0.001 <= self.busy_timeout_s <= 600:
            raise ConfigurationError("database.busy_timeout_s must be between 0.001 and 600")
        _ = self.address

    @property
    def address(self) -> "URL | None":
        """The parts of `url`; None for SQLite."""
        if not self.url:
            return None
        # Without a URL nobody waits for it here.
        from sqlalchemy import make_url  # noqa: PLC0415  (a quarter of a second)
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415  (the same)

        try:
            parts = make_url(self.url)
        except (ArgumentError, ValueError):
            # Without the cause: it may repeat the whole of it.
            raise ConfigurationError("database.url must be like postgresql://user@host:5432/name") from None
        if parts.drivername != _DRIVER:
            raise ConfigurationError("database.url must begin with postgresql://")
        if parts.password is not None or not _SECRETS.isdisjoint(parts.query):
            raise ConfigurationError("database.url must not hold the password: set PGPASSWORD, or PGPASSFILE to a file")
        return parts

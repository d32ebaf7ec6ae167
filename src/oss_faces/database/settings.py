from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Settings of the state database.

    Attributes:
        connections_max: most connections, and so most calls that work at the same time; more wait their turn.
        busy_timeout_s: longest wait for a connection and for another writer before StorageUnavailable.
    """

    connections_max: int = 8
    busy_timeout_s: float = 5.0

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 1 <= self.connections_max <= 1024:
            raise ConfigurationError("database.connections_max must be between 1 and 1024")
        if not 0.001 <= self.busy_timeout_s <= 600:
            raise ConfigurationError("database.busy_timeout_s must be between 0.001 and 600")

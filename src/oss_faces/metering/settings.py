from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class MeteringSettings:
    """How the counts of use are kept, and how long.

    Attributes:
        retention_days: days, with today, for which counts are kept; older ones are removed. 0 keeps them for ever.
        sync: whether each answer waits until its count is on the disk itself, so that it outlasts a power cut too.
            Without it, it outlasts everything else, `kill -9` included.
    """

    retention_days: int = 400
    sync: bool = False

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        if not 0 <= self.retention_days <= 36_500:
            raise ConfigurationError("metering.retention_days must be between 0 and 36500")

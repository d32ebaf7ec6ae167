from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class MeteringSettings:
    """How long the counts of use are kept.

    Attributes:
        retention_days: days, with today, for which counts are kept; older ones are removed. 0 keeps them for ever.
    """

    retention_days: int = 400

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is not allowed."""
        if not 0 <= self.retention_days <= 36_500:
            raise ConfigurationError("metering.retention_days must be between 0 and 36500")

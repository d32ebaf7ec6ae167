from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Results of `image/faces`, `image/expressions` and DetectImageFaces that are kept in memory.

    Attributes:
        size_bytes_max: memory for all of them; 0 keeps none. A face takes about a kilobyte.
        age_s_max: a result is forgotten after this time.
    """

    size_bytes_max: int = 32 * 1024 * 1024
    age_s_max: float = 3600.0

    def validate(self) -> None:
        """Raise `ConfigurationError` when a limit is out of range."""
        if not 0 <= self.size_bytes_max <= 2**40:
            raise ConfigurationError("cache.size_bytes_max must be between 0 and 1099511627776")
        if not 1 <= self.age_s_max <= 604_800:
            raise ConfigurationError("cache.age_s_max must be between 1 and 604800")

from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class VectorSettings:
    """How the vectors of faces are searched.

    Attributes:
        codes_rows_min: an index with fewer vectors is searched in full precision; from this size on, one byte for each
            component is looked at first, and what may be among the nearest again in full precision. The answer is the
            same.
        block_scores: how many scores are worked on at a time; bounds the memory of a search.
        lock_timeout_s: longest wait for another process that changes the same index before StorageUnavailable.
    """

    codes_rows_min: int = 20_000
    block_scores: int = 1_048_576
    lock_timeout_s: float = 30.0

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range."""
        if not 0 <= self.codes_rows_min <= 2**40:
            raise ConfigurationError("vectors.codes_rows_min must be between 0 and 1099511627776")
        if not 1024 <= self.block_scores <= 2**26:
            raise ConfigurationError("vectors.block_scores must be between 1024 and 67108864")
        if not 0.001 <= self.lock_timeout_s <= 600:
            raise ConfigurationError("vectors.lock_timeout_s must be between 0.001 and 600")

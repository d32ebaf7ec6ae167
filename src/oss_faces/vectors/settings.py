from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorSettings:
    """How the vectors of faces are searched.

    Attributes:
        engine: `files` keeps them in the data folder, `milvus` in a Milvus service, which needs the extra `milvus`.
            After a change the new one is filled from the database.
        folder: where `files` are kept, on a local disk; unset: `vectors` in the data folder. Servers that share a state
            database share this folder as well, so that what is erased leaves the only copy of it.
        codes_rows_min: from this many vectors on, one byte of each component is looked at first, and only what may be
            among the nearest in full precision. The answer is the same. Of `files` only.
        block_scores: how many scores are worked on at a time; bounds the memory of a search. Of `files` only.
        lock_timeout_s: longest wait for another process that changes the same index before StorageUnavailable.
        milvus_uri: address of the service, like `http://milvus:19530`.
        milvus_token_env: name of the environment variable that holds `user:password` or an API key, if one is needed.
        milvus_timeout_s: longest wait for one answer of the service.
    """

    engine: Literal["files", "milvus"] = "files"
    folder: Path | None = None
    codes_rows_min: int = 20_000
    block_scores: int = 1_048_576
    lock_timeout_s: float = 30.0
    milvus_uri: str = ""
    milvus_token_env: str = ""
    milvus_timeout_s: float = 30.0

    def validate(self) -> None:
        """Raise `ConfigurationError` when a value is out of range, or the address of Milvus is not there."""
        if not 0 <= self.codes_rows_min <= 2**40:
            raise ConfigurationError("vectors.codes_rows_min must be between 0 and 1099511627776")
        if not 1024 <= self.block_scores <= 2**26:
            raise ConfigurationError("vectors.block_scores must be between 1024 and 67108864")
        for name, seconds in (("lock_timeout_s", self.lock_timeout_s), ("milvus_timeout_s", self.milvus_timeout_s)):
            if not 0.001 <= seconds <= 600:
                raise ConfigurationError(f"vectors.{name} must be between 0.001 and 600")
        if self.engine == "milvus" and not self.milvus_uri:
            raise ConfigurationError('vectors.engine = "milvus" needs vectors.milvus_uri')

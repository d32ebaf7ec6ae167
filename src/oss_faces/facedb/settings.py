from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class FaceDbSettings:
    """How much the face database may hold.

    Attributes:
        datasets_max: most datasets, over all projects.
        files_max: most files of one dataset; a dataset's own limit counts where it is lower.
        figures_max: most faces that are kept of one file; the largest ones.
        merges_max: most merges of one dataset that can be undone; of more, the oldest are forgotten.
        chunk_vectors: vectors that a search index reads at once when it catches up with the database.
        searches_max: searches that work at the same time; more wait their turn.
        unfollowed_max: changes after which an index catches up without waiting for a search.
    """

    datasets_max: int = 10_000
    files_max: int = 10_000_000
    figures_max: int = 1_000
    merges_max: int = 1_000
    chunk_vectors: int = 8_192
    unfollowed_max: int = 256
    searches_max: int = 4

    def validate(self) -> None:
        """Raise `ConfigurationError` when a limit is out of range."""
        limits = {
            "datasets_max": (self.datasets_max, 1_000_000),
            "files_max": (self.files_max, 1_000_000_000),
            "figures_max": (self.figures_max, 100_000),
            "merges_max": (self.merges_max, 100_000),
            "chunk_vectors": (self.chunk_vectors, 1_000_000),
            "searches_max": (self.searches_max, 1024),
            "unfollowed_max": (self.unfollowed_max, 1_000_000),
        }
        for name, (value, most) in limits.items():
            if not 1 <= value <= most:
                raise ConfigurationError(f"facedb.{name} must be between 1 and {most}")

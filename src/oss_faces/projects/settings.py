from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ImmSettings:
    """How IMM, the service beside the objects, behaves.

    Attributes:
        auto_attach: every bucket counts as attached to a project. Off, `image/faces` is refused on a bucket that no
            AttachOSSBucket has named.
        auto_project: DetectImageFaces and CompareImageFaces may name a project that nobody has created. Off, they
            are refused until CreateProject has been called.
        projects_max: most projects. IMM allows 100 in one region.
        attachments_max: most attached buckets, over all projects.
        nonces_max: most requests of the last minutes that are remembered so that none is answered twice; beyond,
            the oldest are forgotten.
    """

    auto_attach: bool = True
    auto_project: bool = True
    projects_max: int = 100
    attachments_max: int = 1000
    nonces_max: int = 100_000

    def validate(self) -> None:
        """Raise `ConfigurationError` when a limit is out of range."""
        if not 1 <= self.projects_max <= 10_000:
            raise ConfigurationError("imm.projects_max must be between 1 and 10000")
        if not 1 <= self.attachments_max <= 100_000:
            raise ConfigurationError("imm.attachments_max must be between 1 and 100000")
        if not 1 <= self.nonces_max <= 10_000_000:
            raise ConfigurationError("imm.nonces_max must be between 1 and 10000000")

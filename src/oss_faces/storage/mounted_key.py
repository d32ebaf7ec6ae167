from dataclasses import dataclass, field

from oss_faces.protocol import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of the upstream service."""

    access_key_id: str
    secret: Secret = field(repr=False)
    token: Secret | None = field(default=None, repr=False)

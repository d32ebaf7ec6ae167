from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

# Everything that the analyser can tell about a face, by the names of the fields of `values.Face`.
ATTRIBUTES: Final = (
    "age",
    "gender",
    "emotion",
    "mouth",
    "beard",
    "mask",
    "hat",
    "glasses",
    "pose",
    "attractive",
    "sharpness",
    "quality",
)


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """What is told about a face.

    Attributes:
        omit: attributes that are left out of every answer; names of `ATTRIBUTES`. For those whose law or conscience
            forbids them, for instance `attractive` or `age`.
        batch_max: most faces in one run of the network; bounds the memory of a picture full of people.
    """

    omit: tuple[str, ...] = ()
    batch_max: int = 32

    def validate(self) -> None:
        """Refuse unknown attributes and an impossible batch.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for name in self.omit:
            if name not in ATTRIBUTES:
                raise ConfigurationError(f"analysis.omit: unknown attribute {name!r}; known: {', '.join(ATTRIBUTES)}")
        if not 1 <= self.batch_max <= 1024:
            raise ConfigurationError("analysis.batch_max must lie between 1 and 1024")

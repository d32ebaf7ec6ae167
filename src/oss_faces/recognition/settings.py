from dataclasses import dataclass
from typing import Final

from oss_faces.errors import ConfigurationError

SAME_SIMILARITY: Final = 0.8


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    """How faces are turned into vectors.

    Attributes:
        pack: `name@version` of a network of one's own that was added with `oss-faces models add`; empty for dlib's.
        batch_max: most looks in one run of the network, of which each face takes two; bounds the memory of a picture
            full of people.
    """

    pack: str = ""
    batch_max: int = 16

    def validate(self) -> None:
        """Refuse an impossible batch.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        if not 1 <= self.batch_max <= 256:
            raise ConfigurationError("recognition.batch_max must lie between 1 and 256")


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """From where on two faces are one person.

    Attributes:
        similarity_min: of a match, 0 to 1.
        false_positives_max: most strangers, of those who are compared with everybody in a dataset, that may be taken
            for somebody; 0.01 is one in a hundred. The larger the dataset, the higher the similarity that this needs.
    """

    similarity_min: float = SAME_SIMILARITY
    false_positives_max: float = 0.01

    def validate(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        if not 0 < self.similarity_min < 1:
            raise ConfigurationError("decision.similarity_min must lie between 0 and 1")
        if not 0 < self.false_positives_max <= 1000:
            raise ConfigurationError("decision.false_positives_max must lie between 0 and 1000")


@dataclass(frozen=True, slots=True)
class FitnessSettings:
    """What a face must be like to be enrolled and matched. What was not measured (`analysis.omit`) is not asked for.

    Attributes:
        side_min: shorter side of the box in pixels of the picture.
        sharpness_min: 0 to 1.
        yaw_max: degrees away from the camera, to either side.
        pitch_max: the same up and down.
        hidden_max: confidence, from 0.5 to 1, above which a mask or sunglasses are believed; 1 lets them pass.
        quality_min: 0 to 1.
    """

    side_min: int = 24
    sharpness_min: float = 0.4
    yaw_max: float = 45.0
    pitch_max: float = 30.0
    hidden_max: float = 0.7
    quality_min: float = 0.4

    def validate(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        if not 1 <= self.side_min <= 10_000:
            raise ConfigurationError("fitness.side_min must lie between 1 and 10000")
        for name in ("yaw_max", "pitch_max"):
            if not 1 <= getattr(self, name) <= 180:
                raise ConfigurationError(f"fitness.{name} must lie between 1 and 180")
        if not 0.5 <= self.hidden_max <= 1:
            raise ConfigurationError("fitness.hidden_max must lie between 0.5 and 1")
        for name in ("sharpness_min", "quality_min"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigurationError(f"fitness.{name} must lie between 0 and 1")

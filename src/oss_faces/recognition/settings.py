from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


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

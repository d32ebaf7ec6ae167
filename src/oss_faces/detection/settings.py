from dataclasses import dataclass

from oss_faces.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """How hard a picture is searched. The defaults are measured: docs/decisions/0101-detector-scales.md.

    Attributes:
        score_threshold: a face scores more than this, in [0, 1]. Below 0.1 the looks no longer confirm each other.
        iou_threshold: two boxes that overlap by this much are one face.
        hint_threshold: the scout's suspicion, in [0, 1], above which a place is looked at more closely.
        overview_side: long side in canvas pixels of the look at the whole picture.
        large_face_side: the same for the look that finds faces as large as the picture.
        closer_look_pixels_max: most canvas pixels spent on places where a small face may be.
        faces_max: most faces returned; those of highest score stay.
    """

    score_threshold: float = 0.5
    iou_threshold: float = 0.35
    hint_threshold: float = 0.56
    overview_side: int = 640
    large_face_side: int = 192
    closer_look_pixels_max: int = 5_000_000
    faces_max: int = 1000

    def validate(self) -> None:
        """Refuse values outside of what the search can work with.

        Raises:
            ConfigurationError: names the first wrong field.
        """
        for name in ("score_threshold", "iou_threshold", "hint_threshold"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ConfigurationError(f"detection.{name} must lie between 0 and 1")
        for name in ("overview_side", "large_face_side"):
            if not 64 <= getattr(self, name) <= 4096:
                raise ConfigurationError(f"detection.{name} must lie between 64 and 4096")
        if self.closer_look_pixels_max < 0:
            raise ConfigurationError("detection.closer_look_pixels_max must not be negative")
        if self.faces_max < 1:
            raise ConfigurationError("detection.faces_max must be at least 1")

"""What a run has done so far, for people, for `state.json` and for Prometheus."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.items import Outcome

_MEANINGS: Final = {
    "pictures": "Pictures that the source lists.",
    "known": "Of these, pictures that earlier runs have done.",
    "done": "Pictures that this run has done.",
    "failed": "Of these, pictures with an error.",
    "faces": "Faces found by this run.",
    "image_detect": "Detections of this run, one for each picture that was analysed.",
    "source_bytes": "Bytes of the pictures that this run has done.",
    "removed_rows": "Rows of pictures that have changed or are gone, removed at the end.",
    "listed_whole": "1 when all of the source could be listed; else 0, and what was not listed is not removed.",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one run; `_MEANINGS` says what they count."""

    pictures: int = 0
    known: int = 0
    done: int = 0
    failed: int = 0
    faces: int = 0
    image_detect: int = 0
    source_bytes: int = 0
    removed_rows: int = 0
    listed_whole: int = 1

    @property
    def todo(self) -> int:
        """Pictures that this run has or had to do."""
        return self.pictures - self.known

    def plus(self, outcome: Outcome) -> "Tally":
        """Count one more picture."""
        is_failed = outcome.failure is not None
        return replace(
            self,
            done=self.done + 1,
            failed=self.failed + is_failed,
            faces=self.faces + len(outcome.faces),
            image_detect=self.image_detect + (not is_failed),
            source_bytes=self.source_bytes + outcome.item.size_bytes,
        )

    def to_json(self) -> dict[str, Any]:
        """Write as plain values."""
        return asdict(self)


def write_metrics(tally: Tally, seconds: float, target: Path) -> None:
    """Write the numbers of a run where the textfile collector of Prometheus finds them; replaced whole.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    registry = CollectorRegistry()
    for name, count in tally.to_json().items():
        Gauge(f"oss_faces_job_{name}", _MEANINGS[name], registry=registry).set(count)
    Gauge("oss_faces_job_seconds", "Time since this run began.", registry=registry).set(seconds)
    try:
        write_to_textfile(str(target), registry)
    except OSError as exc:
        raise ConfigurationError(f"cannot write {target}: {exc.strerror}") from exc

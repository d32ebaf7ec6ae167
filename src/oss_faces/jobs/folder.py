"""The folder of a job's results.

job.json         what the job is; written once
state.json       where it stands; replaced now and then
parts/*.parquet  the results; each is whole or not there
journal.jsonl    pictures that are done and in no part yet
todo.jsonl       pictures that this run has found to do
metrics.prom     for the textfile collector of Prometheus
summary.json     in the end, and summary.png where Matplotlib is installed
lock, cancel     a run holds the lock; who makes the file `cancel` ends it
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, get_args

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.recipe import Operation

_FORMAT: Final = 1
_DOCUMENT_BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is.

    Attributes:
        source: `oss://BUCKET/PREFIX`, or the path of a folder.
        created: aware UTC, ISO 8601.
    """

    source: str
    operation: Operation
    created: str


@dataclass(frozen=True, slots=True)
class ResultsFolder:
    """Files of one job below `path`. Files that are replaced are seen whole, before or after."""

    path: Path

    @property
    def parts(self) -> Path:
        """The folder of the parts."""
        return self.path / "parts"

    @property
    def journal(self) -> Path:
        """Pictures that are done and in no part yet."""
        return self.path / "journal.jsonl"

    @property
    def todo(self) -> Path:
        """Pictures that the present run has found to do."""
        return self.path / "todo.jsonl"

    @property
    def metrics(self) -> Path:
        """Numbers for Prometheus."""
        return self.path / "metrics.prom"

    @property
    def plot(self) -> Path:
        """The summary as a picture."""
        return self.path / "summary.png"

    def create(self, spec: JobSpec) -> JobSpec:
        """Make the folder a job's, or find that it is this job's already; its own description counts then.

        Raises:
            ConfigurationError: it cannot be made, or holds another job or something else.
        """
        with told(self.path):
            # What is found about people is for the owner of the folder alone.
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.parts.mkdir(mode=0o700, exist_ok=True)
            if not (self.path / "job.json").exists():
                self._write("job.json", {"format": _FORMAT, **asdict(spec)})
        found = self.spec()
        if (found.source, found.operation) != (spec.source, spec.operation):
            raise ConfigurationError(
                f"{self.path} holds the results of another job: {found.operation} of {found.source}"
            )
        return found

    def spec(self) -> JobSpec:
        """Read what the job is.

        Raises:
            ConfigurationError: the folder is no job's.
        """
        document = self._read("job.json")
        try:
            if document["format"] != _FORMAT or document["operation"] not in get_args(Operation):
                raise ConfigurationError(f"{self.path}: a job of another version of this program")
            return JobSpec(document["source"], document["operation"], document["created"])
        except KeyError as exc:
            raise ConfigurationError(f"{self.path}: no results of a job here") from exc

    def state(self) -> Mapping[str, Any]:
        """Read where the job stands; empty before its first run."""
        return self._read("state.json")

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Say where the job stands."""
        with told(self.path):
            self._write("state.json", state)

    def summary(self) -> Mapping[str, Any]:
        """Read the summary of the last finished run; empty when there was none."""
        return self._read("summary.json")

    @property
    def is_summary_current(self) -> bool:
        """Whether there is a summary, and no part has come, changed or gone since it was written."""
        with told(self.path), suppress(FileNotFoundError):
            return self.parts.stat().st_mtime_ns <= (self.path / "summary.json").stat().st_mtime_ns
        return False

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Keep the summary of a run."""
        with told(self.path):
            self._write("summary.json", summary)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out, also on other machines where the file system has locks; ends with the process.

        Raises:
            ConfigurationError: another run holds it.
        """
        with told(self.path):
            file = (self.path / "lock").open("ab")
        with file:
            with told(self.path):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as exc:
                    raise ConfigurationError(f"a run of this job is under way: {self.path}") from exc
                self._cancel.unlink(missing_ok=True)
            yield

    @property
    def is_held(self) -> bool:
        """Whether a run is under way."""
        with told(self.path), suppress(FileNotFoundError), (self.path / "lock").open("rb") as file:
            try:
                # Shared: two programs that ask take each other for no run, and NFS lets a reader have no other lock.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def cancel(self) -> None:
        """Have the run that is under way end in order, wherever it runs."""
        with told(self.path):
            self._cancel.touch()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has asked for that."""
        return self._cancel.exists()

    @property
    def _cancel(self) -> Path:
        return self.path / "cancel"

    def _read(self, name: str) -> Mapping[str, Any]:
        try:
            with (self.path / name).open("rb") as file:
                document = json.loads(file.read(_DOCUMENT_BYTES_MAX))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            raise ConfigurationError(f"cannot read {self.path / name}: {exc}") from exc
        if not isinstance(document, dict):
            raise ConfigurationError(f"cannot read {self.path / name}: no JSON object")
        return document

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        with replacing(self.path / name) as staged:
            staged.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path to write a file to; it takes the place of `target` when the context ends, whole and on the disk."""
    staged = target.with_name(f".{target.name}.tmp")
    try:
        yield staged
        sync(staged)
        staged.replace(target)
        sync(target.parent)
    finally:
        staged.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say which folder cannot be used, and why.

    Raises:
        ConfigurationError: for the OSError of the block.
    """
    try:
        yield
    except OSError as exc:
        raise ConfigurationError(f"cannot use the folder {path}: {exc.strerror or exc}") from exc

"""What jobs over whole buckets work with: sources, stages and recipes, made of the parts that the server uses."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from oss_faces.app import build_pipeline, build_recognition, open_bucket
from oss_faces.config import Settings
from oss_faces.decoding import decode
from oss_faces.errors import ConfigurationError, ImageError
from oss_faces.inference import FLOAT32, InferenceSettings
from oss_faces.jobs import FaceRow, Failure, Item, ListingIncomplete, Load, Loaded, Look, Operation, Outcome, Recipe
from oss_faces.pipeline import FacePipeline, RecognitionPipeline
from oss_faces.rendering import expression_rows, face_rows, vector_rows
from oss_faces.stages import read_facts
from oss_faces.storage import BucketReader, MountSettings
from oss_faces.values import FaceResult, Image

_URI: Final = re.compile(r"(?:oss://)?(?P<bucket>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?", re.DOTALL)
_SCHEME: Final = "oss://"
# A folder is read through the code for mounted ones, as a bucket that has this name here and nowhere else.
_FOLDER_BUCKET: Final = "folder"
_RECIPE_SECTIONS: Final = ("decoding", "detection", "analysis", "recognition", "rendering")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the pictures of a job lie.

    Attributes:
        bucket: a mounted one, or one of the data folder; empty for a folder.
        prefix: of the keys.
        folder: absolute path; keys are relative to it.
    """

    bucket: str = ""
    prefix: str = ""
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The source as it can be given to `read_source`."""
        return str(self.folder) if self.folder else f"{_SCHEME}{self.bucket}/{self.prefix}"


def read_source(text: str) -> Source:
    """Read `BUCKET[/PREFIX]`, `oss://BUCKET[/PREFIX]`, or the path of a folder, which goes first where both fit.

    Raises:
        ConfigurationError: it is none of them.
    """
    if not text.startswith(_SCHEME) and Path(text).is_dir():
        return Source(folder=Path(text).resolve())
    uri = _URI.fullmatch(text)
    if uri is None:
        raise ConfigurationError(f"no such folder, and no name of a bucket: {text}")
    return Source(uri["bucket"], uri["prefix"] or "")


def recipe_of(settings: Settings, operation: Operation) -> Recipe:
    """Say what the rows of an operation follow from under these settings.

    Raises:
        ModelUnavailable, ConfigurationError: a network cannot be used.
    """
    facts = read_facts(settings.stages)
    models = facts.models if operation == "index" else facts.face_models
    sections = {name: asdict(getattr(settings, name)) for name in _RECIPE_SECTIONS}
    return Recipe(operation, models, sections | _engine_of(settings.inference))


def _engine_of(settings: InferenceSettings) -> dict[str, Any]:
    """Tell which engine runs the networks, unless it is the usual one: a FigureId may be another one in each."""
    # The precision is told by the names of the networks.
    engine = replace(settings, precision=FLOAT32)
    return {} if engine == InferenceSettings() else {"inference": asdict(engine)}


@dataclass(frozen=True, slots=True)
class FaceStages:
    """The stages of a job. It goes to other processes and machines, and is opened there.

    Attributes:
        environment: holds the keys of mounted buckets; `None`: that of the process in which it is opened, so that no
            secret travels.
    """

    settings: Settings
    source: Source
    operation: Operation
    environment: Mapping[str, str] | None = None

    def list_items(self) -> Iterator[Item]:
        """List the pictures. What ends in a slash stands for a folder.

        Raises:
            ConfigurationError: the source cannot be opened.
            StorageError: it cannot be listed.
            ListingIncomplete: after the last item, when something was left out.
        """
        is_whole = True
        with self._open_source() as bucket:
            for page in bucket.pages(self.source.prefix):
                is_whole = is_whole and page.is_whole
                for meta in page.objects:
                    if not meta.key.endswith("/"):
                        yield Item(meta.key, meta.etag, meta.size_bytes)
        if not is_whole:
            raise ListingIncomplete

    @contextmanager
    def open_loader(self) -> Iterator[Load]:
        """See `Stages.open_loader`."""
        with self._open_source() as bucket:
            yield partial(self._load, bucket)

    @contextmanager
    def open_looker(self) -> Iterator[Look]:
        """See `Stages.open_looker`."""
        if self.operation == "index":
            recognition = build_recognition(self.settings)
            yield partial(self._look_for_vectors, recognition)
        else:
            yield partial(self._look, build_pipeline(self.settings))

    def _open_source(self) -> AbstractContextManager[BucketReader]:
        source, settings = self.source, self.settings
        # A folder's ETags are made of what the system says of each file: reading all of them would be half the job.
        mounts = replace(settings.mounts, digest_bytes_max=0)
        if source.folder is not None:
            mounts = replace(mounts, buckets={_FOLDER_BUCKET: MountSettings(folder=source.folder)})
        environment = os.environ if self.environment is None else self.environment
        return open_bucket(replace(settings, mounts=mounts), environment, source.bucket or _FOLDER_BUCKET)

    def _load(self, bucket: BucketReader, item: Item) -> Loaded:
        limits = self.settings.decoding
        meta, content = bucket.fetch(item.key, limits.size_bytes_max)
        read = Item(item.key, meta.etag, meta.size_bytes)
        figure_etag = hashlib.md5(content, usedforsecurity=False).hexdigest() if self._is_folder else meta.etag
        try:
            return Loaded(read, figure_etag, decode(content, limits))
        except ImageError as exc:
            return Loaded(read, failure=Failure.of(exc))

    @property
    def _is_folder(self) -> bool:
        mount = self.settings.mounts.buckets.get(self.source.bucket)
        return self.source.folder is not None or (mount is not None and mount.folder is not None)

    def _look(self, pipeline: FacePipeline, loaded: Loaded) -> Outcome:
        result = pipeline.look_at(_image(loaded))
        rows = expression_rows if self.operation == "expressions" else face_rows
        return _outcome(loaded, result, rows(result, loaded.figure_etag, self.settings.rendering))

    def _look_for_vectors(self, pipeline: RecognitionPipeline, loaded: Loaded) -> Outcome:
        described = pipeline.describe_image(_image(loaded))
        rows = vector_rows(described.result, described.vectors, loaded.figure_etag, self.settings.rendering)
        return _outcome(loaded, described.result, rows)


def _image(loaded: Loaded) -> Image:
    assert loaded.image is not None, "a picture that was loaded without a failure has its pixels"
    return loaded.image


def _outcome(loaded: Loaded, result: FaceResult, rows: tuple[FaceRow, ...]) -> Outcome:
    return Outcome(loaded.item, result.size, rows)

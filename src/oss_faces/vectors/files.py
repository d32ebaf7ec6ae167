"""All indexes of an installation in one folder: `<dataset id>/<space>/`, the space quoted as in a URL."""

import io
import os
import re
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from oss_faces.errors import StorageUnavailable
from oss_faces.vectors.codes import IntegerProduct, multiply
from oss_faces.vectors.file_index import HEADER_FILE, FileVectorIndex, translated
from oss_faces.vectors.settings import VectorSettings

_PRIVATE_FOLDER: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_DATASET: Final = re.compile(r"[a-z0-9-]+")
_TRIES_MAX: Final = 8


class FileVectorIndexes:
    """Indexes in files; the methods are those of `VectorIndexes`. Several processes may use one folder."""

    def __init__(self, folder: Path, settings: VectorSettings, product: IntegerProduct = multiply) -> None:
        """Use a folder, which is made when there is something to keep.

        Args:
            product: an engine that multiplies integers faster than NumPy, with the same result.
        """
        settings.validate()
        self._folder = folder
        self._settings = settings
        self._product = product
        self._opening = threading.Lock()
        self._open: dict[tuple[str, str], FileVectorIndex] = {}

    def open(self, dataset_id: str, space: str, dimensions: int) -> FileVectorIndex:
        """Open the index of a dataset in a space; see `VectorIndexes.open`."""
        with self._opening:
            known = self._open.get((dataset_id, space))
            if known is not None:
                if known.is_usable:
                    return known
                known.close()
            index = self._prepare(self._place(dataset_id, space), dimensions)
            self._open[dataset_id, space] = index
            return index

    def drop(self, dataset_id: str, keep: Sequence[str] = ()) -> None:
        """Delete the indexes of a dataset; see `VectorIndexes.drop`."""
        folder = self._dataset(dataset_id)
        with self._opening, translated():
            for space in _spaces(folder):
                if space not in keep:
                    known = self._open.pop((dataset_id, space), None)
                    if known is not None:
                        known.close()
                    with closing(self._open_files(self._place(dataset_id, space), 0)) as index:
                        index.delete()
            if not keep:
                _remove_if_empty(folder)

    def close(self) -> None:
        """Close all of them."""
        with self._opening:
            for index in self._open.values():
                index.close()
            self._open.clear()

    def _prepare(self, folder: Path, dimensions: int) -> FileVectorIndex:
        for _ in range(_TRIES_MAX):
            with translated():
                index = self._open_files(folder, dimensions)
            try:
                index.prepare()
            except BaseException:
                index.close()
                raise
            if index.is_usable:
                return index
            index.close()  # another process has deleted what was here
        raise StorageUnavailable(context={"reason": "a vector index is deleted again and again"})

    def _open_files(self, folder: Path, dimensions: int) -> FileVectorIndex:
        for part in (self._folder, folder.parent, folder):
            part.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor = os.open(folder / HEADER_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
        file = io.FileIO(descriptor, "r+")
        return FileVectorIndex(folder, file, dimensions, self._settings, self._product)

    def _place(self, dataset_id: str, space: str) -> Path:
        assert space.strip("."), "a space has a name that can be that of a folder"
        return self._dataset(dataset_id) / quote(space, safe="@")

    def _dataset(self, dataset_id: str) -> Path:
        assert _DATASET.fullmatch(dataset_id), "an id that the face database would not make"
        return self._folder / dataset_id


def _spaces(folder: Path) -> list[str]:
    try:
        return [unquote(path.name) for path in folder.iterdir()]
    except FileNotFoundError:
        return []


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # an index was made here meanwhile

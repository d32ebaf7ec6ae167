"""Indexes in Milvus, for more vectors than one machine should search.

One collection for each dataset and space, and one more with the marks of all. What Milvus finds is looked at truly
here, so distances and order are those of every other index. Three things are Milvus's own way:

- A change of more than `_BATCH_ROWS` vectors goes up in parts, and a search may see some of them before the rest.
- Processes that change an index are kept apart by a lock that is given to them: of one machine by a file in the data
  folder, of several by the state database that they share.
- Compacting asks Milvus to, and waits. When the bytes leave its storage is decided by its garbage collection.

This is the one module that imports pymilvus, and it does so when an index is opened.
"""

import hashlib
import importlib
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from oss_faces.errors import ConfigurationError, StorageUnavailable
from oss_faces.geometry import FloatArray
from oss_faces.vectors.base import Changes, Matches, NumberArray
from oss_faces.vectors.ranking import distances_to, keep_nearest, nobody
from oss_faces.vectors.settings import VectorSettings
from oss_faces.vectors.system_lock import Lock

_PREFIX: Final = "oss_faces"
_MARKS: Final = f"{_PREFIX}_marks"
_NAME_CHARACTERS_MAX: Final = 255
_BATCH_ROWS: Final = 5000
_PROBES_MAX: Final = 64
# Most matches of one search, by Milvus's own limit.
_COUNT_MAX: Final = 16_384
# Its distances are those of float32: as near to another as this they may stand in the wrong order.
_SQUARE_TOLERANCE: Final = 1e-5
_MORE: Final = 16
_DATASET: Final = re.compile(r"[a-z0-9-]+")


class MilvusVectorIndex:
    """Vectors of one dataset in one space, in a collection; the methods are those of `VectorIndex`."""

    def __init__(self, client: "_Client", collection: str, lock: Lock) -> None:
        self._client = client
        self._collection = collection
        self._lock = lock

    @property
    def mark(self) -> int:
        """The last change that was applied."""
        rows = self._client.call("get", _MARKS, ids=[self._collection], output_fields=["mark"])
        return int(rows[0]["mark"]) if rows else 0

    def __len__(self) -> int:
        """How many vectors can be found."""
        rows = self._client.call("query", self._collection, filter="", output_fields=["count(*)"])
        return int(rows[0]["count(*)"])

    def apply(self, changes: Changes) -> None:
        """Follow the face database; see `VectorIndex.apply`."""
        with self._lock.held():
            if changes.mark <= self.mark:
                return
            for begin in range(0, len(changes.added), _BATCH_ROWS):
                part = slice(begin, begin + _BATCH_ROWS)
                pairs = zip(changes.added[part].tolist(), changes.vectors[part], strict=True)
                rows = [{"number": number, "vector": np.asarray(vector, np.float32)} for number, vector in pairs]
                self._client.call("upsert", self._collection, rows)
            for begin in range(0, len(changes.removed), _BATCH_ROWS):
                numbers = changes.removed[begin : begin + _BATCH_ROWS].tolist()
                self._client.call("delete", self._collection, ids=numbers)
            # Last, so that a sudden end leaves a mark that is not too high.
            row = {"name": self._collection, "mark": changes.mark, "unused": [0.0, 0.0]}
            self._client.call("upsert", _MARKS, [row])

    def search(self, probes: FloatArray, count: int) -> Matches:
        """Ask Milvus, and look truly at what it finds; see `VectorIndex.search`."""
        assert count <= _COUNT_MAX, "Milvus gives no more"
        matches = nobody(len(probes), count)
        for begin in range(0, len(probes), _PROBES_MAX):
            part = probes[begin : begin + _PROBES_MAX]
            for place, (numbers, vectors) in enumerate(self._nearest(part, count), begin):
                keep_nearest(matches, place, numbers, distances_to(probes[place], vectors))
        return matches

    def compact(self) -> None:
        """Ask Milvus to rewrite its files without what was removed; see the module for what that means."""
        self._client.call("flush", self._collection)
        self._client.call("compact", self._collection)

    def close(self) -> None:
        """The connection belongs to all indexes."""

    def _nearest(self, probes: FloatArray, count: int) -> Iterator[tuple[NumberArray, FloatArray]]:
        """Give the nearest of each probe and whoever is as near as the last of them, as numbers and vectors."""
        limit = min(_COUNT_MAX, count + _MORE)
        hits = self._hits(probes, limit)
        while limit < _COUNT_MAX and any(_is_cut(each, count, limit) for each in hits):
            limit = min(_COUNT_MAX, 4 * limit)
            hits = self._hits(probes, limit)
        for each in hits:
            numbers = np.array([hit["number"] for hit in each], np.int64)
            vectors = np.array([hit["entity"]["vector"] for hit in each], np.float32)
            yield numbers, vectors.reshape(len(numbers), probes.shape[1])

    def _hits(self, probes: FloatArray, limit: int) -> list[list[Any]]:
        found = self._client.call(
            "search", self._collection, list(probes), limit=limit, output_fields=["vector"], anns_field="vector"
        )
        return [list(each) for each in found]


class MilvusVectorIndexes:
    """All indexes of an installation in one Milvus database; the methods are those of `VectorIndexes`."""

    def __init__(self, settings: VectorSettings, token: str, lock: Lock) -> None:
        """Connect when the first index is opened.

        Args:
            settings: their `milvus_uri` may also be the path of a file: then it is Milvus Lite, for tests.
            token: `user:password` or an API key; empty for none.
            lock: keeps the processes apart that use this database.
        """
        self._client = _Client(settings.milvus_uri, token, settings.milvus_timeout_s)
        self._lock = lock

    def open(self, dataset_id: str, space: str, dimensions: int) -> MilvusVectorIndex:
        """Open the index of a dataset in a space; see `VectorIndexes.open`."""
        name = _collection(dataset_id, space)
        if not (self._has(_MARKS) and self._has(name)):
            self._make(name, dimensions)
        self._client.call("load_collection", name)
        self._client.call("load_collection", _MARKS)
        return MilvusVectorIndex(self._client, name, self._lock)

    def drop(self, dataset_id: str, keep: Sequence[str] = ()) -> None:
        """Delete the indexes of a dataset; see `VectorIndexes.drop`."""
        kept = {_collection(dataset_id, space) for space in keep}
        own = re.compile(re.escape(_stem(dataset_id)) + "[0-9a-f]{32}")
        with self._lock.held():
            for name in self._client.call("list_collections"):
                if own.fullmatch(name) and name not in kept:
                    self._client.call("delete", _MARKS, ids=[name])
                    self._client.call("drop_collection", name)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _has(self, name: str) -> bool:
        return bool(self._client.call("has_collection", name))

    def _make(self, name: str, dimensions: int) -> None:
        """Make what is not there, unless another process has done so meanwhile."""
        with self._lock.held():
            if not self._has(_MARKS):
                self._create(_MARKS, "name", "unused", 2)
            if not self._has(name):
                # The mark of one that was half deleted must not be taken for that of the new one.
                self._client.call("delete", _MARKS, ids=[name])
                self._create(name, "number", "vector", dimensions)

    def _create(self, name: str, key: str, vector: str, dimensions: int) -> None:
        kinds = self._client.kinds
        schema = self._client.call("create_schema", auto_id=False, enable_dynamic_field=False)
        if key == "name":
            schema.add_field(key, kinds.VARCHAR, is_primary=True, max_length=_NAME_CHARACTERS_MAX)
            schema.add_field("mark", kinds.INT64)
        else:
            schema.add_field(key, kinds.INT64, is_primary=True)
        schema.add_field(vector, kinds.FLOAT_VECTOR, dim=dimensions)
        index = self._client.call("prepare_index_params")
        index.add_index(vector, index_type="FLAT", metric_type="L2")
        self._client.call("create_collection", name, schema=schema, index_params=index, consistency_level="Strong")


class _Client:
    """The client of pymilvus, made when it is first needed; its errors become ours."""

    def __init__(self, uri: str, token: str, timeout_s: float) -> None:
        self._uri = uri
        self._token = token
        self._timeout_s = timeout_s
        self._connecting = threading.Lock()
        self._connected: Any = None

    @property
    def kinds(self) -> Any:
        """The kinds of fields that pymilvus knows."""
        return require_pymilvus().DataType

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of the client.

        Raises:
            StorageUnavailable: Milvus cannot be reached, or refused.
        """
        pymilvus = require_pymilvus()
        try:
            with self._connecting:
                if self._connected is None:
                    self._connected = pymilvus.MilvusClient(self._uri, token=self._token, timeout=self._timeout_s)
            return getattr(self._connected, method)(*arguments, **options)
        except pymilvus.MilvusException as exc:
            raise StorageUnavailable(context={"reason": f"Milvus: {exc.message}"}) from exc

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._connecting:
            if self._connected is not None:
                self._connected.close()
                self._connected = None


def require_pymilvus() -> Any:
    """Import the library.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return importlib.import_module("pymilvus")
    except ImportError as exc:
        raise ConfigurationError("vectors in Milvus need the extra: pip install 'oss-faces[milvus]'") from exc


def _is_cut(hits: Sequence[Any], count: int, limit: int) -> bool:
    """Tell whether there may be more as near as the last that is wanted."""
    return len(hits) == limit and hits[-1]["distance"] <= hits[count - 1]["distance"] + _SQUARE_TOLERANCE


def _collection(dataset_id: str, space: str) -> str:
    return _stem(dataset_id) + hashlib.sha256(space.encode()).hexdigest()[:32]


def _stem(dataset_id: str) -> str:
    """Begin the names of a dataset's collections: letters, digits and underscores, no two datasets alike."""
    assert _DATASET.fullmatch(dataset_id), "an id that the face database would not make"
    return f"{_PREFIX}_{dataset_id.replace('-', '_')}_in_"

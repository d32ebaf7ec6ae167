from collections.abc import Mapping
from pathlib import Path
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.vectors.base import VectorIndexes
from oss_faces.vectors.codes import IntegerProduct, multiply
from oss_faces.vectors.files import FileVectorIndexes
from oss_faces.vectors.milvus import MilvusVectorIndexes, require_pymilvus
from oss_faces.vectors.settings import VectorSettings
from oss_faces.vectors.system_lock import Lock, SystemLock

VECTORS_FOLDER: Final = "vectors"
_LOCK: Final = "milvus.lock"


def open_vector_indexes(
    settings: VectorSettings,
    data_dir: Path,
    environment: Mapping[str, str],
    product: IntegerProduct = multiply,
    lock: Lock | None = None,
) -> VectorIndexes:
    """Make the indexes that the settings ask for. Nothing is read, written or connected to yet.

    Args:
        data_dir: folder of the installation; the indexes have one of their own in it.
        environment: all environment variables.
        product: an engine that multiplies integers faster than NumPy, with the same result.
        lock: keeps servers on several machines apart; of `milvus` only. None: all processes are on this machine.

    Raises:
        ConfigurationError: a setting is wrong, the token of Milvus or the package for it is not there.
    """
    settings.validate()
    folder = settings.folder or data_dir / VECTORS_FOLDER
    if settings.engine == "files":
        return FileVectorIndexes(folder, settings, product)
    name = settings.milvus_token_env
    if name and not environment.get(name):
        raise ConfigurationError(f"vectors.milvus_token_env: the environment variable {name} is empty or not set")
    require_pymilvus()
    token = environment[name] if name else ""
    return MilvusVectorIndexes(settings, token, lock or SystemLock(folder / _LOCK, settings.lock_timeout_s))

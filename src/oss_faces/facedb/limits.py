"""Whether a dataset has room for a file: the limits of this server, and those that its owner set."""

from typing import Final

from oss_faces.datasets import Dataset
from oss_faces.facedb import refusals
from oss_faces.facedb.settings import FaceDbSettings

# Wire names in `DatasetSpec.limits`; the others are about what is not kept here.
FILES_LIMIT: Final = "DatasetMaxFileCount"
BYTES_LIMIT: Final = "DatasetMaxTotalFileSize"


def require_room(dataset: Dataset, settings: FaceDbSettings, *, is_new: bool, growth: int) -> None:
    """Refuse a file for which there is no room. What is there already may always be indexed again.

    Args:
        is_new: whether it is another file.
        growth: bytes that the files together become larger by.

    Raises:
        LimitExceeded: there are too many files, or they would be too large.
    """
    files_max = min(settings.files_max, dataset.spec.limits.get(FILES_LIMIT, settings.files_max))
    if is_new and dataset.file_count >= files_max:
        raise refusals.too_many("files in the dataset", files_max)
    bytes_max = dataset.spec.limits.get(BYTES_LIMIT)
    if bytes_max is not None and growth > 0 and dataset.size_bytes + growth > bytes_max:
        raise refusals.too_much(bytes_max)

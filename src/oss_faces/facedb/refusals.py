"""The errors of the face database, worded once for every implementation."""

from oss_faces.datasets import DatasetRef
from oss_faces.errors import InvalidArgument
from oss_faces.imm_errors import (
    LimitExceeded,
    ResourceAlreadyExists,
    ResourceChanged,
    ResourceInUse,
    ResourceNotFound,
)


def no_dataset(ref: DatasetRef) -> ResourceNotFound:
    """Say that there is no such dataset."""
    return ResourceNotFound(f"The dataset {ref.name} is not found in the project {ref.project}.")


def dataset_exists(ref: DatasetRef) -> ResourceAlreadyExists:
    """Say that a dataset's name is taken."""
    return ResourceAlreadyExists(f"The dataset {ref.name} already exists in the project {ref.project}.")


def too_many(what: str, most: int) -> LimitExceeded:
    """Say that a limit on a number is reached."""
    return LimitExceeded(f"There are {most} {what} already, which is the limit.")


def too_much(most: int) -> LimitExceeded:
    """Say that the files of a dataset would be larger together than they may be."""
    return LimitExceeded(f"The files of the dataset would have more than {most} bytes together, which is the limit.")


def no_file() -> ResourceNotFound:
    """Say that there is no such file."""
    return ResourceNotFound("The file is not found in the dataset.")


def no_figure() -> ResourceNotFound:
    """Say that there is no such figure, or that it has no vector."""
    return ResourceNotFound("A figure is not found in the dataset.")


def no_cluster(cluster_id: str) -> ResourceNotFound:
    """Say that there is no such cluster."""
    return ResourceNotFound(f"The figure cluster {cluster_id} is not found in the dataset.")


def no_merge() -> ResourceNotFound:
    """Say that a merge cannot be undone."""
    return ResourceNotFound("There is no such merge that could be undone.")


def nothing_to_merge() -> InvalidArgument:
    """Say that a merge names no cluster but the one that stays."""
    return InvalidArgument("A merge needs another cluster than the one that it goes into.")


def cluster_changed(cluster_id: str) -> ResourceChanged:
    """Say that the caller saw an older version of a cluster."""
    return ResourceChanged(f"The figure cluster {cluster_id} was changed since it was read. Read it again.")


def other_space(wanted: str, held: str) -> ResourceInUse:
    """Say that vectors of one model cannot be compared with those of another."""
    return ResourceInUse(
        f"The dataset is searched with vectors of {held or 'no model yet'}, not with those of {wanted}."
    )


def not_complete(missing: int, space: str) -> ResourceInUse:
    """Say that some figures have no vector in a space yet."""
    return ResourceInUse(f"{missing} figures of the dataset have no vector of {space} yet.")


def space_searched(space: str) -> ResourceInUse:
    """Say that the space that is searched cannot be given up."""
    return ResourceInUse(f"The dataset is searched with vectors of {space}; they cannot go.")


def bad_place() -> InvalidArgument:
    """Say that a place in a list is none that was given out for it."""
    return InvalidArgument("The token of the page is not valid for this question.")

"""The errors of projects and attachments, worded once for every implementation."""

from oss_faces.imm_errors import LimitExceeded, ResourceAlreadyExists, ResourceInUse, ResourceNotFound


def no_project(name: str) -> ResourceNotFound:
    """Say that there is no such project."""
    return ResourceNotFound(f"The project {name} is not found.")


def no_attachment(bucket: str) -> ResourceNotFound:
    """Say that a bucket is attached to nothing."""
    return ResourceNotFound(f"The bucket {bucket} is not attached to any IMM project.")


def project_exists(name: str) -> ResourceAlreadyExists:
    """Say that a project's name is taken."""
    return ResourceAlreadyExists(f"The project {name} already exists.")


def attached_elsewhere(bucket: str, project: str) -> ResourceAlreadyExists:
    """Say that a bucket is attached to another project."""
    return ResourceAlreadyExists(f"The bucket {bucket} is already attached to the project {project}.")


def project_in_use(name: str) -> ResourceInUse:
    """Say that a project cannot go yet."""
    return ResourceInUse(f"Buckets are attached to the project {name}. Detach them first.")


def too_many(what: str, most: int) -> LimitExceeded:
    """Say that a limit on a number is reached."""
    return LimitExceeded(f"There are {most} {what} already, which is the limit.")

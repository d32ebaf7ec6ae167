"""What every keeper of projects can do, and the values that go in and out.

Rules for each, checked by tests/contracts/projects: a change has happened when the call returns, whole, and a call
that raised has changed nothing. Who may do what, and whether a bucket exists, is not its concern.

Every method may raise StorageUnavailable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from oss_faces.values import Attachment, Project, ProjectSpec

# Tells the time as aware UTC; a constructor argument of every implementation.
Clock: TypeAlias = Callable[[], datetime]
SpecChange: TypeAlias = Callable[[ProjectSpec], ProjectSpec]


@dataclass(frozen=True, slots=True)
class ProjectQuery:
    """One page of projects.

    Attributes:
        prefix: only names that begin with it.
        after: only names behind this one, which need not exist.
        tags: only projects that have all of these.
        limit: most projects of the page, at least 1.
    """

    prefix: str = ""
    after: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Projects by name; `next_after` is the last one when there are more, else empty."""

    projects: tuple[Project, ...]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentPage:
    """Attachments by bucket; `next_after` is the last bucket when there are more, else empty."""

    attachments: tuple[Attachment, ...]
    next_after: str = ""


class Projects(Protocol):
    """Projects, and which bucket is attached to which of them."""

    async def create(self, name: str, spec: ProjectSpec) -> Project:
        """Make a project.

        Raises:
            ResourceAlreadyExists: there is one of this name.
            LimitExceeded: there are too many.
        """
        ...

    async def get(self, name: str) -> Project:
        """Describe a project.

        Raises:
            ResourceNotFound: there is none of this name.
        """
        ...

    async def list(self, query: ProjectQuery) -> ProjectPage:
        """Give one page of the projects."""
        ...

    async def update(self, name: str, change: SpecChange) -> Project:
        """Replace what is said about a project by what `change` makes of it; nobody else changes it meanwhile.

        Raises:
            ResourceNotFound: there is none of this name.
        """
        ...

    async def delete(self, name: str) -> None:
        """Remove a project.

        Raises:
            ResourceNotFound: there is none of this name.
            ResourceInUse: a bucket is attached to it.
        """
        ...

    async def attach(self, bucket: str, project: str, description: str) -> Attachment:
        """Attach a bucket; one that is attached to this very project stays so, with the description replaced.

        Raises:
            ResourceNotFound: there is no such project.
            ResourceAlreadyExists: the bucket is attached to another project.
            LimitExceeded: there are too many attachments.
        """
        ...

    async def detach(self, bucket: str) -> None:
        """Detach a bucket.

        Raises:
            ResourceNotFound: it is attached to none.
        """
        ...

    async def attachment(self, bucket: str) -> Attachment:
        """Tell what a bucket is attached to.

        Raises:
            ResourceNotFound: it is attached to none.
        """
        ...

    async def attachments(self, project: str, after: str = "", limit: int = 100) -> AttachmentPage:
        """Give one page of the buckets that are attached to a project.

        Raises:
            ResourceNotFound: there is no such project.
        """
        ...

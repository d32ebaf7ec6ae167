"""Which project a request may name, and which buckets may be asked for faces."""

from dataclasses import dataclass

from oss_faces.errors import BucketNotAttached
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.projects import ImmSettings, Projects
from oss_faces.values import ProjectLimits


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the projects allow. By default one installation is one project, and nothing has to be made or attached."""

    projects: Projects
    settings: ImmSettings

    async def require_project(self, name: str) -> None:
        """Refuse a project that nobody has created, unless that is allowed.

        Raises:
            ResourceNotFound: it does not exist.
        """
        if not self.settings.auto_project:
            await self.projects.get(name)

    async def project_limits(self, name: str) -> ProjectLimits:
        """Tell how much a project may hold; one that nobody has created has the defaults, where it may be named.

        Raises:
            ResourceNotFound: it does not exist.
        """
        try:
            return (await self.projects.get(name)).spec.limits
        except ResourceNotFound:
            if not self.settings.auto_project:
                raise
            return ProjectLimits()

    async def require_attached(self, bucket: str) -> None:
        """Refuse `image/faces` on a bucket that is attached to no project, unless that is allowed.

        Raises:
            BucketNotAttached: as OSS passes on what IMM says.
        """
        if self.settings.auto_attach:
            return
        try:
            await self.projects.attachment(bucket)
        except ResourceNotFound as exc:
            raise BucketNotAttached(f"{exc.code}, {exc.message}") from exc

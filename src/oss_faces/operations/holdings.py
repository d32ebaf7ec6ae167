"""What the projects of IMM hold."""

from dataclasses import dataclass, field

import anyio

from oss_faces.datasets import Totals
from oss_faces.facedb import Datasets
from oss_faces.imm_errors import LimitExceeded, ResourceInUse


@dataclass(frozen=True, slots=True)
class Holdings:
    """What projects hold, and who may change which of them have datasets.

    Attributes:
        changing: held from looking at what a project has until it is changed, so that no dataset is made in a project
            that is just being deleted, nor one more than there may be.
    """

    database: Datasets
    changing: anyio.Lock = field(default_factory=anyio.Lock)

    async def of(self, project: str) -> Totals:
        """Tell what all datasets of a project hold together."""
        return await self.database.totals(project)

    async def require_none(self, project: str) -> None:
        """Refuse while the project has datasets.

        Raises:
            ResourceInUse.
        """
        if (await self.of(project)).datasets:
            raise ResourceInUse(f"The project {project} has datasets. Delete them first.")

    async def require_room(self, project: str, datasets_max: int) -> None:
        """Refuse another dataset when there are as many as the project may have.

        Raises:
            LimitExceeded.
        """
        if (await self.of(project)).datasets >= datasets_max:
            raise LimitExceeded(f"There are {datasets_max} datasets in the project already, which is the limit.")

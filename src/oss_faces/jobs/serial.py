from collections.abc import Generator, Iterable

from oss_faces.jobs.items import Item, Outcome
from oss_faces.jobs.stages import Stages, load_one, look_at_one


class SerialEngine:
    """One picture after the other, in this process: the measure of the other engines."""

    def run(self, stages: Stages, items: Iterable[Item]) -> Generator[Outcome]:
        """See `Engine.run`."""
        with stages.open_loader() as load, stages.open_looker() as look:
            for item in items:
                yield look_at_one(look, load_one(load, item))

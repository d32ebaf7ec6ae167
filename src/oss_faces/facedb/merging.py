"""What follows from a list of merges."""

from collections.abc import Collection, Sequence

from oss_faces.facedb.base import Merge


def dead_merges(merges: Sequence[Merge], alive: Collection[str]) -> tuple[str, ...]:
    """Name the merges that went into a cluster which neither is there nor can be brought back.

    Args:
        alive: ids of the clusters that are there.
    """
    reachable = set(alive)
    size = -1
    while len(reachable) != size:
        size = len(reachable)
        reachable.update(
            name for merge in merges if merge.into in reachable and not merge.is_undone for name in merge.froms
        )
    return tuple(merge.merge_id for merge in merges if merge.into not in reachable)

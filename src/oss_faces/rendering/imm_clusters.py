"""Clusters of figures as IMM describes them. Field names are those of its API reference 2020-09-30."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from oss_faces.datasets import FigureCluster, IndexedFile
from oss_faces.protocol.dates import format_nano_date
from oss_faces.rendering.figures import rounded
from oss_faces.rendering.imm_datasets import FileWriter


@dataclass(frozen=True, slots=True)
class ClusterWriter:
    """Writes clusters; their covers are written as files are."""

    files: FileWriter

    def cluster(self, cluster: FigureCluster, cover: IndexedFile | None) -> Mapping[str, object]:
        """Give a cluster.

        Args:
            cover: the file with the face that stands for it; left out when it is not known.
        """
        spec, facts = cluster.spec, cluster.facts
        return {
            "ProjectName": cluster.ref.project,
            "DatasetName": cluster.ref.name,
            "OwnerId": self.files.owner_id,
            "ObjectType": "figure-cluster",
            "ObjectId": cluster.cluster_id,
            "CreateTime": format_nano_date(cluster.created),
            "UpdateTime": format_nano_date(cluster.updated),
            "Name": spec.name,
            **({"CustomId": spec.custom_id} if spec.custom_id else {}),
            **({"CustomLabels": dict(spec.custom_labels)} if spec.custom_labels else {}),
            "MetaLockVersion": cluster.lock_version,
            "FaceCount": facts.face_count,
            "ImageCount": facts.image_count,
            "VideoCount": 0,
            **({"Gender": facts.gender} if facts.gender else {}),
            **_ages(facts.ages),
            **({} if cover is None else {"Cover": self._cover(cluster, cover)}),
        }

    def _cover(self, cluster: FigureCluster, cover: IndexedFile) -> Mapping[str, object]:
        """Write the file with that one of its figures that stands for the cluster."""
        (record,) = self.files.files(cluster.ref, [replace(cover, figures=(cluster.facts.cover,))])
        return {**record, "FigureCount": len(cover.figures)}


def _ages(ages: tuple[float, float, float] | None) -> Mapping[str, object]:
    if ages is None:
        return {}
    return {name: rounded(age) for name, age in zip(("MinAge", "AverageAge", "MaxAge"), ages, strict=True)}

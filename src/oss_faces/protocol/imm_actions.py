"""Which operation of IMM a request asks for: a name and a version, both signed."""

import enum
from typing import Final

from oss_faces.imm_errors import UnknownAction, UnknownVersion

API_VERSION: Final = "2020-09-30"


class ImmAction(enum.StrEnum):
    """The operations of IMM that are served. The value is the name that IMM gives it; the last ones are ours."""

    DETECT_IMAGE_FACES = "DetectImageFaces"
    COMPARE_IMAGE_FACES = "CompareImageFaces"
    CREATE_PROJECT = "CreateProject"
    GET_PROJECT = "GetProject"
    LIST_PROJECTS = "ListProjects"
    UPDATE_PROJECT = "UpdateProject"
    DELETE_PROJECT = "DeleteProject"
    ATTACH_OSS_BUCKET = "AttachOSSBucket"
    DETACH_OSS_BUCKET = "DetachOSSBucket"
    GET_OSS_BUCKET_ATTACHMENT = "GetOSSBucketAttachment"
    LIST_ATTACHED_OSS_BUCKETS = "ListAttachedOSSBuckets"
    GET_TASK = "GetTask"
    LIST_TASKS = "ListTasks"
    SEARCH_IMAGE_FIGURE_CLUSTER = "SearchImageFigureCluster"
    CREATE_DATASET = "CreateDataset"
    GET_DATASET = "GetDataset"
    LIST_DATASETS = "ListDatasets"
    UPDATE_DATASET = "UpdateDataset"
    DELETE_DATASET = "DeleteDataset"
    INDEX_FILE_META = "IndexFileMeta"
    BATCH_INDEX_FILE_META = "BatchIndexFileMeta"
    GET_FILE_META = "GetFileMeta"
    BATCH_GET_FILE_META = "BatchGetFileMeta"
    UPDATE_FILE_META = "UpdateFileMeta"
    BATCH_UPDATE_FILE_META = "BatchUpdateFileMeta"
    DELETE_FILE_META = "DeleteFileMeta"
    BATCH_DELETE_FILE_META = "BatchDeleteFileMeta"
    SIMPLE_QUERY = "SimpleQuery"
    CREATE_FIGURE_CLUSTERING_TASK = "CreateFigureClusteringTask"
    CREATE_FIGURE_CLUSTERS_MERGING_TASK = "CreateFigureClustersMergingTask"
    QUERY_FIGURE_CLUSTERS = "QueryFigureClusters"
    GET_FIGURE_CLUSTER = "GetFigureCluster"
    BATCH_GET_FIGURE_CLUSTER = "BatchGetFigureCluster"
    UPDATE_FIGURE_CLUSTER = "UpdateFigureCluster"
    CREATE_FACES_SEARCHING_TASK = "CreateFacesSearchingTask"
    LIST_CLUSTER_FIGURES = "ListClusterFigures"
    SPLIT_FIGURE_CLUSTER = "SplitFigureCluster"
    UNDO_FIGURE_CLUSTERS_MERGING = "UndoFigureClustersMerging"
    IDENTIFY_FIGURES = "IdentifyFigures"
    FORGET_FIGURE_CLUSTER = "ForgetFigureCluster"
    LIST_ERASURES = "ListErasures"
    COUNT_TASKS = "CountTasks"


def resolve_imm_action(name: str, version: str) -> ImmAction:
    """Find the operation.

    Raises:
        UnknownVersion: another version of the API, in which the same name may mean something else.
        UnknownAction: no operation that is served has this name.
    """
    if version != API_VERSION:
        raise UnknownVersion
    try:
        return ImmAction(name)
    except ValueError:
        raise UnknownAction from None

from oss_faces.operations.bindings import Bindings
from oss_faces.operations.buckets import Buckets
from oss_faces.operations.clustering import FigureClusterer, FigureClusterMerger
from oss_faces.operations.clusters import ClusterKeeper, ShownCluster
from oss_faces.operations.compare_faces import FaceComparer
from oss_faces.operations.datasets import DatasetKeeper
from oss_faces.operations.detect_faces import FaceFinder
from oss_faces.operations.files import FileKeeper
from oss_faces.operations.forget_people import PersonForgetter
from oss_faces.operations.holdings import Holdings
from oss_faces.operations.identify_figures import FigureIdentifier, IdentifiedFigure, IdentifiedPicture
from oss_faces.operations.indexing import Count, FileIndexer, indexing_task, payer_of
from oss_faces.operations.measuring import Measurement, measure, people_of
from oss_faces.operations.objects import Objects, OpenedObject
from oss_faces.operations.process_pictures import PictureProcessor
from oss_faces.operations.projects import DescribedProject, ProjectKeeper
from oss_faces.operations.re_embedding import ReEmbedded, ReEmbedder, re_embedding_task
from oss_faces.operations.results import ResultCache
from oss_faces.operations.search_clusters import ClusterMatch, ClusterSearch, FigureClusterSearcher
from oss_faces.operations.search_faces import FacesSearcher
from oss_faces.operations.settings import CacheSettings
from oss_faces.operations.tasks import TaskWatcher
from oss_faces.operations.uploads import Uploads
from oss_faces.operations.usage import Usage, UsageTeller

__all__ = [
    "Bindings",
    "Buckets",
    "CacheSettings",
    "ClusterKeeper",
    "ClusterMatch",
    "ClusterSearch",
    "Count",
    "DatasetKeeper",
    "DescribedProject",
    "FaceComparer",
    "FaceFinder",
    "FacesSearcher",
    "FigureClusterMerger",
    "FigureClusterSearcher",
    "FigureClusterer",
    "FigureIdentifier",
    "FileIndexer",
    "FileKeeper",
    "Holdings",
    "IdentifiedFigure",
    "IdentifiedPicture",
    "Measurement",
    "Objects",
    "OpenedObject",
    "PersonForgetter",
    "PictureProcessor",
    "ProjectKeeper",
    "ReEmbedded",
    "ReEmbedder",
    "ResultCache",
    "ShownCluster",
    "TaskWatcher",
    "Uploads",
    "Usage",
    "UsageTeller",
    "indexing_task",
    "measure",
    "payer_of",
    "people_of",
    "re_embedding_task",
]

from oss_faces.operations.buckets import Buckets
from oss_faces.operations.detect_faces import FaceFinder
from oss_faces.operations.objects import Objects, OpenedObject
from oss_faces.operations.uploads import Uploads
from oss_faces.operations.workers import Workers, WorkerSettings

__all__ = ["Buckets", "FaceFinder", "Objects", "OpenedObject", "Uploads", "WorkerSettings", "Workers"]

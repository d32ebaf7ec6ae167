from oss_faces.storage.base import (
    BucketPage,
    Buckets,
    ByteRange,
    Clock,
    CopySpec,
    ListPage,
    ListQuery,
    ObjectLister,
    ObjectReader,
    ObjectStore,
    ObjectWriter,
    OpenObject,
    PutSpec,
)
from oss_faces.storage.blocking import BucketReader, ReadableStore
from oss_faces.storage.local import LocalStore
from oss_faces.storage.local_reader import LocalReader, open_local_reader
from oss_faces.storage.memory import MemoryStore
from oss_faces.storage.mounted_settings import MountSettings, MountsSettings
from oss_faces.storage.mounting import MountSource, open_mounts, read_mounts
from oss_faces.storage.naming import check_bucket_name
from oss_faces.storage.opening import open_local_store
from oss_faces.storage.probing import check_writable
from oss_faces.storage.routing import Mount, MountedStore, RoutedStore, WholeStore, route
from oss_faces.storage.settings import StorageLimits, StorageSettings
from oss_faces.storage.sweeper import sweeping
from oss_faces.storage.uploads import (
    AppendSpec,
    BodySpec,
    ChosenPart,
    CompleteSpec,
    MultipartUploads,
    ObjectAppender,
    PartPage,
    PartQuery,
    PiecewiseStore,
    UploadPage,
    UploadQuery,
    UploadSpec,
)

__all__ = [
    "AppendSpec",
    "BodySpec",
    "BucketPage",
    "BucketReader",
    "Buckets",
    "ByteRange",
    "ChosenPart",
    "Clock",
    "CompleteSpec",
    "CopySpec",
    "ListPage",
    "ListQuery",
    "LocalReader",
    "LocalStore",
    "MemoryStore",
    "Mount",
    "MountSettings",
    "MountSource",
    "MountedStore",
    "MountsSettings",
    "MultipartUploads",
    "ObjectAppender",
    "ObjectLister",
    "ObjectReader",
    "ObjectStore",
    "ObjectWriter",
    "OpenObject",
    "PartPage",
    "PartQuery",
    "PiecewiseStore",
    "PutSpec",
    "ReadableStore",
    "RoutedStore",
    "StorageLimits",
    "StorageSettings",
    "UploadPage",
    "UploadQuery",
    "UploadSpec",
    "WholeStore",
    "check_bucket_name",
    "check_writable",
    "open_local_reader",
    "open_local_store",
    "open_mounts",
    "read_mounts",
    "route",
    "sweeping",
]

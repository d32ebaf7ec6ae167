from oss_faces.http.admin import Admin
from oss_faces.http.body import RequestBody
from oss_faces.http.bucket_routes import BucketRoutes
from oss_faces.http.console import ConsoleFacts, console_routes
from oss_faces.http.console_settings import ConsoleSettings
from oss_faces.http.cross_origin import CrossOrigin, Services, console_origins
from oss_faces.http.edge import Edge
from oss_faces.http.imm_cluster_routes import ImmClusterRoutes, cluster_handlers
from oss_faces.http.imm_dataset_routes import ImmDatasetRoutes, ImmFileRoutes, dataset_handlers
from oss_faces.http.imm_people_routes import ImmPeopleRoutes, people_handlers
from oss_faces.http.imm_routes import ImmFaceRoutes, ImmProjectRoutes, imm_handlers
from oss_faces.http.imm_service import ImmHandler, ImmService, ImmWork
from oss_faces.http.imm_task_routes import ImmFaceSearchRoutes, ImmTaskRoutes, face_search_handlers, task_handlers
from oss_faces.http.object_routes import ObjectRoutes
from oss_faces.http.oss_service import OssService
from oss_faces.http.picture_routes import PictureRoutes
from oss_faces.http.readiness import Readiness
from oss_faces.http.routes import handlers
from oss_faces.http.server import open_admin_socket, open_socket, serve, serving_admin, socket_name
from oss_faces.http.server_facts import model_facts, recognition_facts
from oss_faces.http.server_routes import ServerFacts, ServerRoutes
from oss_faces.http.settings import AdminSettings, ServerSettings
from oss_faces.http.upload_routes import UploadRoutes

__all__ = [
    "Admin",
    "AdminSettings",
    "BucketRoutes",
    "ConsoleFacts",
    "ConsoleSettings",
    "CrossOrigin",
    "Edge",
    "ImmClusterRoutes",
    "ImmDatasetRoutes",
    "ImmFaceRoutes",
    "ImmFaceSearchRoutes",
    "ImmFileRoutes",
    "ImmHandler",
    "ImmPeopleRoutes",
    "ImmProjectRoutes",
    "ImmService",
    "ImmTaskRoutes",
    "ImmWork",
    "ObjectRoutes",
    "OssService",
    "PictureRoutes",
    "Readiness",
    "RequestBody",
    "ServerFacts",
    "ServerRoutes",
    "ServerSettings",
    "Services",
    "UploadRoutes",
    "cluster_handlers",
    "console_origins",
    "console_routes",
    "dataset_handlers",
    "face_search_handlers",
    "handlers",
    "imm_handlers",
    "model_facts",
    "open_admin_socket",
    "open_socket",
    "people_handlers",
    "recognition_facts",
    "serve",
    "serving_admin",
    "socket_name",
    "task_handlers",
]

"""Which handler answers which action: one table."""

from collections.abc import Mapping

from oss_faces.http.bucket_routes import BucketRoutes
from oss_faces.http.object_routes import ObjectRoutes
from oss_faces.http.oss_service import Handler
from oss_faces.http.picture_routes import PictureRoutes
from oss_faces.http.server_routes import ServerRoutes
from oss_faces.http.upload_routes import UploadRoutes
from oss_faces.protocol import Action


def handlers(
    buckets: BucketRoutes,
    objects: ObjectRoutes,
    uploads: UploadRoutes,
    pictures: PictureRoutes,
    server: ServerRoutes,
) -> Mapping[Action, Handler]:
    """Bind every action of the wire to its handler."""
    return {
        Action.LIST_BUCKETS: buckets.list_buckets,
        Action.PUT_BUCKET: buckets.put_bucket,
        Action.GET_BUCKET_INFO: buckets.get_info,
        Action.GET_BUCKET_LOCATION: buckets.get_location,
        Action.GET_BUCKET_ACL: buckets.get_acl,
        Action.PUT_BUCKET_ACL: buckets.put_acl,
        Action.DELETE_BUCKET: buckets.delete_bucket,
        Action.LIST_OBJECTS: buckets.list_objects,
        Action.LIST_OBJECTS_V2: buckets.list_objects,
        Action.DELETE_OBJECTS: buckets.delete_objects,
        Action.PUT_OBJECT: objects.put_object,
        Action.COPY_OBJECT: objects.copy_object,
        Action.GET_OBJECT: objects.get_object,
        Action.HEAD_OBJECT: objects.head_object,
        Action.GET_OBJECT_META: objects.get_object_meta,
        Action.DELETE_OBJECT: objects.delete_object,
        Action.GET_OBJECT_ACL: objects.get_acl,
        Action.PUT_OBJECT_ACL: objects.put_acl,
        Action.DETECT_FACES: objects.detect_faces,
        Action.DETECT_EXPRESSIONS: objects.detect_expressions,
        Action.APPEND_OBJECT: uploads.append_object,
        Action.INITIATE_UPLOAD: uploads.begin,
        Action.UPLOAD_PART: uploads.put_part,
        Action.UPLOAD_PART_COPY: uploads.copy_part,
        Action.COMPLETE_UPLOAD: uploads.complete,
        Action.ABORT_UPLOAD: uploads.abort,
        Action.LIST_PARTS: uploads.list_parts,
        Action.LIST_UPLOADS: uploads.list_uploads,
        Action.PROCESS_PICTURE: pictures.process_picture,
        Action.PROCESS_OBJECT: pictures.process_object,
        Action.GET_USAGE: server.usage,
        Action.GET_SYSTEM: server.system,
    }

"""No operation without permission: every action of the wire, asked for by the official SDK."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import uuid4

import oss2
import pytest
from oss2.models import PartInfo

from oss_faces.protocol import Action, ImmAction
from tests.imm_requests import acs3
from tests.unit.http.in_process import ENDPOINT, NOBODY_ID, NOBODY_SECRET, REGION, InProcess, Message

KEY, UPLOAD = "dir/photo.jpg", "0" * 32
COPY = base64.urlsafe_b64encode(b"copy").decode().rstrip("=")

# One line for each action: how a client asks for it. A new action needs one.
CALLS: dict[Action, Callable[[oss2.Bucket], object]] = {
    Action.LIST_BUCKETS: lambda bucket: oss2.Service(
        bucket.auth, ENDPOINT, session=bucket.session, region=REGION
    ).list_buckets(),
    Action.GET_USAGE: lambda bucket: bucket._do("GET", "", "", params={"x-oss-faces": "usage"}),
    Action.GET_SYSTEM: lambda bucket: bucket._do("GET", "", "", params={"x-oss-faces": "system"}),
    Action.PUT_BUCKET: lambda bucket: bucket.create_bucket("public-read-write"),
    Action.DELETE_BUCKET: lambda bucket: bucket.delete_bucket(),
    Action.GET_BUCKET_INFO: lambda bucket: bucket.get_bucket_info(),
    Action.GET_BUCKET_LOCATION: lambda bucket: bucket.get_bucket_location(),
    Action.GET_BUCKET_ACL: lambda bucket: bucket.get_bucket_acl(),
    Action.PUT_BUCKET_ACL: lambda bucket: bucket.put_bucket_acl("public-read-write"),
    Action.LIST_OBJECTS: lambda bucket: bucket.list_objects(),
    Action.LIST_OBJECTS_V2: lambda bucket: bucket.list_objects_v2(),
    Action.DELETE_OBJECTS: lambda bucket: bucket.batch_delete_objects([KEY]),
    Action.PUT_OBJECT: lambda bucket: bucket.put_object(KEY, b"x"),
    Action.COPY_OBJECT: lambda bucket: bucket.copy_object("photos", KEY, "copy"),
    Action.GET_OBJECT: lambda bucket: bucket.get_object(KEY),
    Action.HEAD_OBJECT: lambda bucket: bucket.head_object(KEY),
    Action.GET_OBJECT_META: lambda bucket: bucket.get_object_meta(KEY),
    Action.DELETE_OBJECT: lambda bucket: bucket.delete_object(KEY),
    Action.GET_OBJECT_ACL: lambda bucket: bucket.get_object_acl(KEY),
    Action.PUT_OBJECT_ACL: lambda bucket: bucket.put_object_acl(KEY, "public-read-write"),
    Action.APPEND_OBJECT: lambda bucket: bucket.append_object(KEY, 0, b"x"),
    Action.INITIATE_UPLOAD: lambda bucket: bucket.init_multipart_upload(KEY),
    Action.UPLOAD_PART: lambda bucket: bucket.upload_part(KEY, UPLOAD, 1, b"x"),
    Action.UPLOAD_PART_COPY: lambda bucket: bucket.upload_part_copy("photos", KEY, (0, 1), KEY, UPLOAD, 1),
    Action.COMPLETE_UPLOAD: lambda bucket: bucket.complete_multipart_upload(KEY, UPLOAD, [PartInfo(1, "E" * 32)]),
    Action.ABORT_UPLOAD: lambda bucket: bucket.abort_multipart_upload(KEY, UPLOAD),
    Action.LIST_PARTS: lambda bucket: bucket.list_parts(KEY, UPLOAD),
    Action.LIST_UPLOADS: lambda bucket: bucket.list_multipart_uploads(),
    Action.PROCESS_PICTURE: lambda bucket: bucket.get_object(KEY, process="image/info"),
    Action.PROCESS_OBJECT: lambda bucket: bucket.process_object(KEY, f"image/resize,w_8|sys/saveas,o_{COPY}"),
    Action.DETECT_FACES: lambda bucket: bucket.get_object(KEY, process="image/faces"),
    Action.DETECT_EXPRESSIONS: lambda bucket: bucket.get_object(KEY, process="image/expressions"),
}

PHOTO, PROJECT = f"oss://photos/{KEY}", {"ProjectName": "p"}
DATASET, FILE = {**PROJECT, "DatasetName": "d"}, json.dumps({"URI": PHOTO})

# The same for IMM: the parameters of each operation.
IMM_CALLS: dict[ImmAction, dict[str, str]] = {
    ImmAction.DETECT_IMAGE_FACES: {**PROJECT, "SourceURI": PHOTO},
    ImmAction.COMPARE_IMAGE_FACES: {**PROJECT, "Source": json.dumps({"URI1": PHOTO, "URI2": PHOTO})},
    ImmAction.CREATE_PROJECT: PROJECT,
    ImmAction.GET_PROJECT: PROJECT,
    ImmAction.LIST_PROJECTS: {},
    ImmAction.UPDATE_PROJECT: {**PROJECT, "Description": "d"},
    ImmAction.DELETE_PROJECT: PROJECT,
    ImmAction.ATTACH_OSS_BUCKET: {**PROJECT, "OSSBucket": "photos"},
    ImmAction.DETACH_OSS_BUCKET: {"OSSBucket": "photos"},
    ImmAction.GET_OSS_BUCKET_ATTACHMENT: {"OSSBucket": "photos"},
    ImmAction.LIST_ATTACHED_OSS_BUCKETS: PROJECT,
    ImmAction.CREATE_DATASET: DATASET,
    ImmAction.GET_DATASET: DATASET,
    ImmAction.LIST_DATASETS: PROJECT,
    ImmAction.UPDATE_DATASET: DATASET,
    ImmAction.DELETE_DATASET: DATASET,
    ImmAction.INDEX_FILE_META: {**DATASET, "File": FILE},
    ImmAction.BATCH_INDEX_FILE_META: {**DATASET, "Files": f"[{FILE}]"},
    ImmAction.GET_FILE_META: {**DATASET, "URI": PHOTO},
    ImmAction.BATCH_GET_FILE_META: {**DATASET, "URIs": json.dumps([PHOTO])},
    ImmAction.UPDATE_FILE_META: {**DATASET, "File": FILE},
    ImmAction.BATCH_UPDATE_FILE_META: {**DATASET, "Files": f"[{FILE}]"},
    ImmAction.DELETE_FILE_META: {**DATASET, "URI": PHOTO},
    ImmAction.BATCH_DELETE_FILE_META: {**DATASET, "URIs": json.dumps([PHOTO])},
    ImmAction.SIMPLE_QUERY: DATASET,
    ImmAction.GET_TASK: {**PROJECT, "TaskType": "FaceClustering", "TaskId": "t"},
    ImmAction.LIST_TASKS: PROJECT,
    ImmAction.SEARCH_IMAGE_FIGURE_CLUSTER: {**DATASET, "SourceURI": PHOTO},
    ImmAction.CREATE_FACES_SEARCHING_TASK: {**DATASET, "Sources": json.dumps([{"URI": PHOTO}])},
    ImmAction.CREATE_FIGURE_CLUSTERING_TASK: DATASET,
    ImmAction.CREATE_FIGURE_CLUSTERS_MERGING_TASK: {**DATASET, "To": "Cluster-1", "From": "Cluster-2"},
    ImmAction.QUERY_FIGURE_CLUSTERS: DATASET,
    ImmAction.GET_FIGURE_CLUSTER: {**DATASET, "ObjectId": "Cluster-1"},
    ImmAction.BATCH_GET_FIGURE_CLUSTER: {**DATASET, "ObjectIds": '["Cluster-1"]'},
    ImmAction.UPDATE_FIGURE_CLUSTER: {**DATASET, "FigureCluster": '{"ObjectId":"Cluster-1","Name":"n"}'},
    ImmAction.LIST_CLUSTER_FIGURES: {**DATASET, "ObjectId": "Cluster-1"},
    ImmAction.SPLIT_FIGURE_CLUSTER: {**DATASET, "ObjectId": "Cluster-1", "FigureIds": '["f"]'},
    ImmAction.UNDO_FIGURE_CLUSTERS_MERGING: {**DATASET, "MergeId": "m"},
    ImmAction.IDENTIFY_FIGURES: {**DATASET, "SourceURI": PHOTO},
    ImmAction.FORGET_FIGURE_CLUSTER: {**DATASET, "ObjectId": "Cluster-1"},
    ImmAction.LIST_ERASURES: DATASET,
    ImmAction.COUNT_TASKS: {**PROJECT, "TaskTypes": '["FileIndexing"]'},
}


def test_every_action_is_asked_for() -> None:
    """No action is left out of the tests below."""
    assert set(CALLS) == set(Action)
    assert set(IMM_CALLS) == set(ImmAction)


@pytest.mark.parametrize(
    "auth", [oss2.AuthV4(NOBODY_ID, NOBODY_SECRET), oss2.AnonymousAuth()], ids=["key", "anonymous"]
)
@pytest.mark.parametrize("action", Action, ids=lambda action: action.name)
def test_an_action_needs_permission(
    action: Action, auth: object, log: list[Message], bucket: oss2.Bucket, connect: Callable[..., oss2.Bucket]
) -> None:
    """Neither a key without grants nor an anonymous caller does anything in a private bucket."""
    log.clear()
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        CALLS[action](connect(auth=auth))
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    (line,) = (line for line in log if line["event"] == "request")
    assert (line["action"], line["code"]) == (action.name.lower(), "AccessDenied")
    assert bucket.get_object(KEY).read() == b"a picture"
    assert bucket.get_bucket_acl().acl == "private"


@pytest.mark.parametrize("action", ImmAction, ids=lambda action: action.name)
def test_an_operation_of_imm_needs_permission(action: ImmAction, session: InProcess, bucket: oss2.Bucket) -> None:
    """A key without grants is told which one it lacks, that of the operation's own name; IMM has no anonymous ones."""
    request, _ = acs3(
        urlencode(IMM_CALLS[action], quote_via=quote),
        b"",
        key=(NOBODY_ID, NOBODY_SECRET),
        x_acs_action=action.value,
        x_acs_version="2020-09-30",
        x_acs_date=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        x_acs_signature_nonce=uuid4().hex,
    )
    headers = {**dict(request.headers), "content-length": "0"}
    answered = session.exchange(request.method, f"{request.path}?{request.query}", headers)
    document = json.loads(answered.body)
    assert (answered.status, document["Code"]) == (403, "NoPermission")
    assert document["AccessDeniedDetail"]["AuthAction"] == f"imm:{action.value}"

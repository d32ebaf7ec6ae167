"""The JSON of IMM, as its official client reads it."""

import json
from datetime import UTC, datetime, timedelta

from alibabacloud_imm20200930 import models

from oss_faces.datasets import Totals
from oss_faces.errors import AccessDenied, SignatureDoesNotMatch
from oss_faces.imm_errors import ImmForm
from oss_faces.rendering import imm_documents as documents
from oss_faces.values import Attachment, Project, ProjectLimits, ProjectSpec

NOON = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)
ID = "5F2389FE-A5E3-076F-B071-43A33DB0D716"


def test_an_answer_has_its_id() -> None:
    """Every answer begins with the id of its request, in compact UTF-8."""
    assert documents.answer_body(ID, Name="照") == f'{{"RequestId":"{ID}","Name":"照"}}'.encode()


def test_an_error_has_its_documented_fields() -> None:
    """Five fields, with a link for the code, and what helps beside them."""
    error = SignatureDoesNotMatch(details={"StringToSign": "a\nb"})
    body = documents.error_body(error, ImmForm("A.B", 400, "No."), ID, "h" * 300)
    link = f"https://next.api.aliyun.com/troubleshoot?q=A.B&product=imm&requestId={ID}"
    expected = {"RequestId": ID, "HostId": "h" * 255, "Code": "A.B", "Message": "No.", "Recommend": link}
    assert json.loads(body) == {**expected, "StringToSign": "a\nb"}


def test_a_refusal_says_which_permission_is_missing() -> None:
    """The official client hands this record on to its user."""
    error = AccessDenied(details={"AuthAction": "imm:GetProject"})
    body = json.loads(documents.error_body(error, ImmForm("NoPermission", 403, "No."), ID, "h"))
    assert body["AccessDeniedDetail"] == {"AuthAction": "imm:GetProject"}


def test_a_project_is_what_the_client_reads() -> None:
    """Each field of a project arrives under its name in the official model."""
    limits = ProjectLimits(1, 2, 3, 4, 5, 6)
    project = Project("p", ProjectSpec("d", "r", "t", {"k": "v"}, limits), NOON, NOON + timedelta(days=1))
    read = models.Project().from_map(documents.project_fields(project, Totals(7, 8, 9)))
    assert (read.project_name, read.description, read.service_role, read.template_id) == ("p", "d", "r", "t")
    assert [(tag.tag_key, tag.tag_value) for tag in read.tags] == [("k", "v")]
    assert (read.create_time, read.update_time) == ("2026-11-22T12:00:00.000001Z", "2026-11-23T12:00:00.000001Z")
    assert (read.dataset_max_bind_count, read.dataset_max_entity_count, read.dataset_max_file_count) == (1, 2, 3)
    assert (read.dataset_max_relation_count, read.dataset_max_total_file_size) == (4, 5)
    assert (read.project_max_dataset_count, read.engine_concurrency, read.project_queries_per_second) == (6, 100, 100)
    assert (read.dataset_count, read.file_count, read.total_file_size) == (7, 8, 9)


def test_attachments_are_what_the_client_reads() -> None:
    """Alone and in a list, with the owner in the list only."""
    attachment = Attachment("photos", "p", "d", NOON, NOON)
    alone = models.GetOSSBucketAttachmentResponseBody().from_map(documents.attachment_fields(attachment))
    assert (alone.project_name, alone.description, alone.create_time) == ("p", "d", "2026-11-22T12:00:00.000001Z")
    listed = models.ListAttachedOSSBucketsResponseBody().from_map(documents.attachments_fields([attachment], "4711"))
    [entry] = listed.attached_ossbuckets
    assert (entry.ossbucket, entry.project_name, entry.owner_id, entry.description) == ("photos", "p", "4711", "d")
    assert entry.update_time == "2026-11-22T12:00:00.000001Z"


def test_similarity_is_a_plain_number() -> None:
    """Four decimals are more than it is worth."""
    assert documents.similarity_fields(0.87654321) == {"Similarity": 0.8765}

"""Datasets and files as the official models read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from alibabacloud_imm20200930 import models

from oss_faces.datasets import (
    Aggregated,
    Aggregation,
    Dataset,
    DatasetRef,
    DatasetSpec,
    Figure,
    FileFacts,
    FilePage,
    FileSpec,
    IndexedFile,
)
from oss_faces.rendering import RenderingSettings
from oss_faces.rendering.figures import figures
from oss_faces.rendering.imm_datasets import FileWriter, dataset_fields
from oss_faces.values import Age, Box, Face, FaceResult, HeadPose, ImageSize, Label

NOON = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)
REF = DatasetRef("p", "d")
WRITER = FileWriter(RenderingSettings(), "4711")
FACE = Face(
    Box(10, 20, 110, 220),
    0.9876,
    np.zeros((5, 2), np.float32),
    age=Age(12.4, 5.0),
    gender=Label("male", 0.951),
    pose=HeadPose(1.0, 2.0, 3.0),
    quality=0.829,
)
FACTS = FileFacts("AB", 1000, "image/jpeg", NOON - timedelta(days=1), ImageSize(640, 480), 6, ("m@1",), 2**63)
SPEC = FileSpec("7", {"trip": "sea"}, NOON - timedelta(days=2), {"Title": "At the sea", "Artist": ""})
FULL = IndexedFile(
    "oss://photos/dir/photo.jpg",
    "abc",
    SPEC,
    replace(FACTS, user={"camera": "box"}),
    (Figure(1, "f-1", "oss://photos/dir/photo.jpg", FACE, "Cluster-1", 0.9119),),
    NOON,
    NOON + timedelta(hours=1),
)
BARE = IndexedFile("oss://photos/a.jpg", "abd", FileSpec(), replace(FACTS, crc64=None), (), NOON, NOON)


def read(file: IndexedFile, writer: FileWriter = WRITER) -> models.File:
    [record] = writer.files(REF, [file])
    return models.File().from_map(record)


def test_a_dataset_is_what_the_client_reads() -> None:
    """Each field arrives under its name in the official model, limits included."""
    limits = {
        "DatasetMaxBindCount": 1,
        "DatasetMaxEntityCount": 2,
        "DatasetMaxFileCount": 3,
        "DatasetMaxRelationCount": 4,
        "DatasetMaxTotalFileSize": 5,
    }
    made = Dataset(REF, DatasetSpec("x", "t", limits), NOON, NOON + timedelta(hours=1), "space", 8, 9)
    shown = models.Dataset().from_map(dataset_fields(made))
    assert (shown.project_name, shown.dataset_name, shown.description, shown.template_id) == ("p", "d", "x", "t")
    assert (shown.create_time, shown.update_time) == ("2026-11-22T12:00:00.000001Z", "2026-11-22T13:00:00.000001Z")
    assert (shown.file_count, shown.total_file_size, shown.bind_count) == (8, 9, 0)
    assert (shown.dataset_max_bind_count, shown.dataset_max_entity_count, shown.dataset_max_file_count) == (1, 2, 3)
    assert (shown.dataset_max_relation_count, shown.dataset_max_total_file_size) == (4, 5)


def test_a_file_is_what_the_client_reads() -> None:
    """What it is, what was read off it, and what was said about it."""
    file = read(FULL)
    assert (file.owner_id, file.project_name, file.dataset_name, file.object_id) == ("4711", "p", "d", "abc")
    assert (file.uri, file.filename, file.object_type) == ("oss://photos/dir/photo.jpg", "dir/photo.jpg", "file")
    assert (file.create_time, file.update_time) == ("2026-11-22T12:00:00.000001Z", "2026-11-22T13:00:00.000001Z")
    assert (file.media_type, file.content_type, file.size, file.etag) == ("image", "image/jpeg", 1000, '"AB"')
    assert (file.file_modified_time, file.produce_time) == (
        "2026-11-21T12:00:00.000001Z",
        "2026-11-20T12:00:00.000001Z",
    )
    assert (file.image_width, file.image_height, file.orientation, file.figure_count) == (640, 480, 6, 1)
    assert (file.ossobject_type, file.object_acl, file.osscrc64) == ("Normal", "default", str(2**63))
    assert (file.custom_id, file.custom_labels, file.title) == ("7", {"trip": "sea"}, "At the sea")
    assert file.ossuser_meta == {"x-oss-meta-camera": "box"}


def test_what_nobody_told_is_left_out() -> None:
    """No empty texts, and no checksum where there is none."""
    [record] = WRITER.files(REF, [BARE])
    assert not {"CustomId", "CustomLabels", "ProduceTime", "Title", "OSSCRC64", "OSSUserMeta"} & set(record)
    assert (record["Figures"], record["FigureCount"]) == ([], 0)
    assert "Artist" not in WRITER.files(REF, [FULL])[0]


def test_a_kept_face_is_the_record_of_image_faces() -> None:
    """The same fields with the same values, but for what is known of its cluster."""
    [kept] = WRITER.files(REF, [FULL])[0]["Figures"]
    [fresh] = figures(FaceResult(FACTS.image, (FACE,), ("m@1",), 6), "AB", RenderingSettings())
    own = {"FigureId": "f-1", "FigureClusterId": "Cluster-1", "FigureClusterConfidence": 0.912}
    assert kept == {**fresh, **own}


@pytest.mark.parametrize(
    ("is_alone", "expected"), [(False, "figure-cluster-id-unavailable"), (True, "figure-cluster-id-independent")]
)
def test_a_face_without_a_cluster(is_alone: bool, expected: str) -> None:
    """Whether somebody has looked makes the difference; without a cluster nothing is sure about it."""
    alone = replace(FULL.figures[0], cluster_id="", is_alone=is_alone)
    [record] = WRITER.files(REF, [replace(FULL, figures=(alone,))])[0]["Figures"]
    assert record["FigureClusterId"] == expected
    assert "FigureClusterConfidence" not in record


def test_picture_and_boxes_are_in_one_frame() -> None:
    """With boxes in stored pixels the width is that of the stored picture."""
    file = read(FULL, FileWriter(RenderingSettings("stored"), "4711"))
    assert (file.image_width, file.image_height) == (480, 640)
    box = file.figures[0].boundary
    assert (box.left, box.top, box.width, box.height) == (20, 530, 200, 100)


def test_file_of_the_command_line() -> None:
    """What was not stored here has a path, and no bucket."""
    assert read(replace(BARE, uri="file:/home/ann/a.jpg")).filename == "/home/ann/a.jpg"


def test_only_what_is_wanted() -> None:
    """WithFields leaves out the rest; a name that stands for nothing gives nothing."""
    assert WRITER.files(REF, [FULL], ["Size", "Nothing"]) == [{"Size": 1000}]


def test_a_page_of_files() -> None:
    """The total is there when it was counted."""
    assert WRITER.page(REF, FilePage((BARE,), total=7), ["URI"]) == {"Files": [{"URI": BARE.uri}], "TotalHits": 7}
    assert WRITER.page(REF, FilePage(()), ["URI"]) == {"Files": []}


def test_numbers_instead_of_files() -> None:
    """Groups with their counts, numbers as they are, and no value where there was none to count."""
    page = FilePage(
        (),
        total=3,
        aggregated=(
            Aggregated(Aggregation("Figures.Gender", "group"), groups=(("female", 2), ("male", 1))),
            Aggregated(Aggregation("Size", "sum"), 12.5),
            Aggregated(Aggregation("Figures.Age", "min")),
        ),
    )
    shown = models.SimpleQueryResponseBody().from_map(WRITER.page(REF, page))
    assert [(group.value, group.count) for group in shown.aggregations[0].groups] == [("female", 2), ("male", 1)]
    assert [(one.field, one.operation, one.value) for one in shown.aggregations[1:]] == [
        ("Size", "sum", 12.5),
        ("Figures.Age", "min", None),
    ]
    assert shown.total_hits == 3
    assert not shown.files

"""Datasets and files over the wire: each operation finds its reader and its doer, official models their fields."""

import json
from typing import Any

import anyio
import oss2
import pytest
from alibabacloud_imm20200930 import models

from oss_faces.datasets import DatasetRef, FileSpec
from oss_faces.facedb import MemoryFaceDatabase
from tests.contracts.facedb.faces import SPACE, facts, figure
from tests.unit.http.imm_calls import ask, done, signed
from tests.unit.http.in_process import InProcess

D = {"ProjectName": "p", "DatasetName": "d"}
PHOTO = "oss://photos/dir/photo.jpg"
OTHERS = ["oss://photos/b.jpg", "oss://photos/a.jpg"]
GENDERS = json.dumps([{"Field": "Figures.Gender", "Operation": "group"}, {"Field": "Size", "Operation": "average"}])


@pytest.fixture
def dataset(session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase) -> dict[str, str]:
    """A dataset with three files, one face on each."""
    done(session, "CreateDataset", **D)

    async def fill() -> None:
        for seed, uri in enumerate([PHOTO, *OTHERS]):
            spec = FileSpec(f"id-{seed}", {"trip": "sea"})
            await database.put_file(
                DatasetRef("p", "d"), uri, spec, facts(size_bytes=100 + seed), [figure(f"f-{seed}", seed)], SPACE
            )

    anyio.run(fill)
    return D


def test_the_life_of_a_dataset(session: InProcess) -> None:
    """Each step by its own operation, and the project knows of it."""
    done(session, "CreateProject", ProjectName="p")
    made = done(session, "CreateDataset", **D, Description="x", DatasetMaxFileCount="7")["Dataset"]
    read = models.Dataset().from_map(made)
    assert (read.project_name, read.dataset_name, read.description, read.dataset_max_file_count) == ("p", "d", "x", 7)
    assert (read.file_count, read.total_file_size, read.bind_count) == (0, 0, 0)
    assert done(session, "GetDataset", **D, WithStatistics="True")["Dataset"] == made
    done(session, "CreateDataset", ProjectName="p", DatasetName="e")
    assert done(session, "GetProject", ProjectName="p")["Project"]["DatasetCount"] == 2
    first = done(session, "ListDatasets", ProjectName="p", MaxResults="1")
    assert first["Datasets"] == [made]
    rest = done(session, "ListDatasets", ProjectName="p", NextToken=first["NextToken"])
    assert ([one["DatasetName"] for one in rest["Datasets"]], rest["NextToken"]) == (["e"], "")
    assert done(session, "UpdateDataset", **D, Description="y")["Dataset"]["Description"] == "y"
    assert ask(session, signed("DeleteProject", ProjectName="p"))[1]["Code"] == "ResourceInUse"
    for name in ("d", "e"):
        assert done(session, "DeleteDataset", ProjectName="p", DatasetName=name) == {}
    done(session, "DeleteProject", ProjectName="p")


def test_indexing_is_accepted(session: InProcess, dataset: dict[str, str]) -> None:
    """One file and many give an event; what will be read is an object that is there."""
    one = done(session, "IndexFileMeta", **dataset, File=json.dumps({"URI": PHOTO, "Figures": []}))
    many = done(session, "BatchIndexFileMeta", **dataset, Files=json.dumps([{"URI": PHOTO}]))
    assert one["EventId"] != many["EventId"]
    absent = json.dumps({"URI": "oss://photos/absent.jpg"})
    answered, document = ask(session, signed("IndexFileMeta", **dataset, File=absent))
    assert (answered.status, document["Code"]) == (404, "ResourceNotFound")
    assert "oss://photos/absent.jpg" in document["Message"]


def test_files_are_what_the_client_reads(session: InProcess, dataset: dict[str, str]) -> None:
    """One and many, whole and with some fields only."""
    [file] = done(session, "GetFileMeta", **dataset, URI=PHOTO)["Files"]
    read = models.File().from_map(file)
    assert (read.uri, read.custom_id, read.custom_labels, read.size) == (PHOTO, "id-0", {"trip": "sea"}, 100)
    assert [figure.figure_id for figure in read.figures] == ["f-0"]
    some = done(session, "GetFileMeta", **dataset, URI=PHOTO, WithFields='["Size","Figures","Nothing"]')["Files"]
    assert some == [{"Size": 100, "Figures": file["Figures"]}]
    uris = json.dumps([*OTHERS, "oss://photos/absent.jpg"])
    many = done(session, "BatchGetFileMeta", **dataset, URIs=uris, WithFields='["URI"]')["Files"]
    assert many == [{"URI": uri} for uri in OTHERS]
    assert done(session, "GetFileMeta", **dataset, URI="oss://photos/absent.jpg") == {"Files": []}


def test_questions(session: InProcess, dataset: dict[str, str]) -> None:
    """Conditions, order, pages and numbers."""
    where = json.dumps({"Field": "CustomLabels.trip", "Operation": "eq", "Value": "sea", "SubQueries": []})
    asked = {**dataset, "Query": where, "Sort": "URI", "Order": "asc", "WithFields": '["URI"]'}
    first = done(session, "SimpleQuery", **asked, MaxResults="2")
    assert (first["Files"], first["TotalHits"]) == ([{"URI": uri} for uri in sorted(OTHERS)], 3)
    rest = done(session, "SimpleQuery", **asked, WithoutTotalHits="true", NextToken=first["NextToken"])
    assert rest == {"Files": [{"URI": PHOTO}], "NextToken": ""}
    answered, document = ask(session, signed("SimpleQuery", **dataset, NextToken=first["NextToken"]))
    assert (answered.status, document["Code"]) == (400, "InvalidArgument")
    counted = done(session, "SimpleQuery", **dataset, Aggregations=GENDERS)
    assert counted == {
        "Aggregations": [
            {"Field": "Figures.Gender", "Operation": "group", "Groups": [{"Value": "female", "Count": 3}]},
            {"Field": "Size", "Operation": "average", "Value": 101.0},
        ],
        "TotalHits": 3,
        "NextToken": "",
    }


def test_changes(session: InProcess, dataset: dict[str, str]) -> None:
    """One file alone, many each by itself, and a face that is taken out of every cluster."""
    said: dict[str, Any] = {"URI": PHOTO, "CustomId": "new"}
    said["Figures"] = [{"FigureId": "f-0", "FigureClusterId": "figure-cluster-id-independent", "FigureType": "face"}]
    assert done(session, "UpdateFileMeta", **dataset, File=json.dumps(said)) == {}
    [file] = done(session, "GetFileMeta", **dataset, URI=PHOTO)["Files"]
    assert (file["CustomId"], file["CustomLabels"]) == ("new", {"trip": "sea"})
    assert file["Figures"][0]["FigureClusterId"] == "figure-cluster-id-independent"
    files = json.dumps([{"URI": OTHERS[0], "CustomId": "n"}, {"URI": "oss://photos/absent.jpg", "CustomId": "n"}])
    read = models.BatchUpdateFileMetaResponseBody().from_map(
        done(session, "BatchUpdateFileMeta", **dataset, Files=files)
    )
    assert [(one.uri, one.success) for one in read.files] == [(OTHERS[0], True), ("oss://photos/absent.jpg", False)]
    assert [bool(one.message) for one in read.files] == [False, True]


def test_erasing(session: InProcess, dataset: dict[str, str]) -> None:
    """One file and many; what is not there is no mistake."""
    for _ in range(2):
        assert done(session, "DeleteFileMeta", **dataset, URI=PHOTO) == {}
    assert done(session, "GetDataset", **dataset)["Dataset"]["FileCount"] == 2
    assert done(session, "BatchDeleteFileMeta", **dataset, URIs=json.dumps([PHOTO, *OTHERS])) == {}
    assert done(session, "SimpleQuery", **dataset) == {"Files": [], "NextToken": "", "TotalHits": 0}


def test_each_operation_has_its_own_permission(session: InProcess, dataset: dict[str, str]) -> None:
    """The refusal names the operation's own permission, also where one and many are done by the same."""
    nobody = {"key": ("OSSFnobody", "a-third-secret")}
    calls = {
        "GetFileMeta": {"URI": PHOTO},
        "BatchGetFileMeta": {"URIs": json.dumps([PHOTO])},
        "BatchDeleteFileMeta": {"URIs": json.dumps([PHOTO])},
        "BatchIndexFileMeta": {"Files": json.dumps([{"URI": PHOTO}])},
        "SimpleQuery": {},
        "DeleteDataset": {},
    }
    for action, parameters in calls.items():
        answered, document = ask(session, signed(action, **nobody, **dataset, **parameters))
        assert answered.status == 403
        assert document["AccessDeniedDetail"]["AuthAction"] == f"imm:{action}"

"""Operations on people that IMM has not, over the wire."""

import json
from dataclasses import replace
from typing import Any

import anyio
import numpy as np
import oss2
import pytest

from oss_faces.datasets import ClusterSpec, DatasetRef, DatasetSpec, FileSpec
from oss_faces.facedb import MemoryFaceDatabase
from oss_faces.metering import MemoryUsageStore
from oss_faces.recognition import FixedEmbedder
from oss_faces.tasks import MemoryTasks, NewTask, TaskKind
from tests.contracts.facedb.faces import SPACE, face, facts, figure
from tests.unit.http.imm_calls import ask, done, signed
from tests.unit.http.in_process import KEY_ID, PICTURE, InProcess, decode

D = {"ProjectName": "p", "DatasetName": "d"}
REF = DatasetRef("p", "d")


@pytest.fixture
def people(session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase) -> list[str]:
    """Ann with three faces, and Bea with one."""
    done(session, "CreateDataset", **D)

    async def fill() -> list[str]:
        numbers = []
        for seed in range(4):
            put = await database.put_file(
                REF, f"oss://photos/{seed}.jpg", FileSpec(), facts(), [figure(f"f-{seed}", seed)], SPACE
            )
            numbers.append(put.figures[0].number)
        ann = await database.found_cluster(REF, ClusterSpec("Ann"), numbers[:3])
        return [ann.cluster_id, (await database.found_cluster(REF, ClusterSpec("Bea"), numbers[3:])).cluster_id]

    return anyio.run(fill)


def refused(session: InProcess, action: str, **parameters: str) -> tuple[int, str]:
    answered, document = ask(session, signed(action, **parameters))
    return answered.status, document["Code"]


# --- faces of a person --------------------------------------------------------------------------------------------


def test_faces_of_a_person_come_with_their_pictures(session: InProcess, people: list[str]) -> None:
    """Each face with its box, its file and its size, page by page, each once."""
    first = done(session, "ListClusterFigures", ObjectId=people[0], MaxResults="2", **D)
    last = done(session, "ListClusterFigures", ObjectId=people[0], MaxResults="2", NextToken=first["NextToken"], **D)
    shown = [*first["Figures"], *last["Figures"]]
    assert [(one["FigureId"], one["URI"]) for one in shown] == [
        ("f-0", "oss://photos/0.jpg"),
        ("f-1", "oss://photos/1.jpg"),
        ("f-2", "oss://photos/2.jpg"),
    ]
    assert last["NextToken"] == ""
    assert {one["FigureClusterId"] for one in shown} == {people[0]}
    one = shown[0]
    assert (one["ImageWidth"], one["ImageHeight"], one["Orientation"], one["IsPinned"]) == (640, 480, 1, True)
    assert one["Boundary"] == {"Left": 10, "Top": 20, "Width": 100, "Height": 120}
    assert (one["FaceQuality"], one["Age"]) == (0.9, 31)


def test_page_belongs_to_its_person(session: InProcess, people: list[str]) -> None:
    """A token of one person is none of another, and made-up ones are none at all."""
    token = done(session, "ListClusterFigures", ObjectId=people[0], MaxResults="1", **D)["NextToken"]
    for wrong in (token, "x"):
        found = refused(session, "ListClusterFigures", ObjectId=people[1], NextToken=wrong, **D)
        assert found == (400, "InvalidArgument")
    assert refused(session, "ListClusterFigures", ObjectId="Cluster-0", **D) == (404, "ResourceNotFound")


# --- two of one, and one of two -----------------------------------------------------------------------------------


def test_some_faces_become_a_person_of_their_own(session: InProcess, people: list[str]) -> None:
    """The new cluster is described whole; the old one has the rest."""
    ids = json.dumps(["f-1", "f-2", "f-1"])
    made = done(session, "SplitFigureCluster", ObjectId=people[0], FigureIds=ids, Name=" Cleo ", **D)["FigureCluster"]
    assert (made["Name"], made["FaceCount"], made["MetaLockVersion"]) == ("Cleo", 2, 0)
    assert made["Cover"]["URI"] in ("oss://photos/1.jpg", "oss://photos/2.jpg")
    rest = done(session, "ListClusterFigures", ObjectId=people[0], **D)["Figures"]
    assert [one["FigureId"] for one in rest] == ["f-0"]
    moved = done(session, "ListClusterFigures", ObjectId=made["ObjectId"], **D)["Figures"]
    assert [(one["FigureId"], one["IsPinned"]) for one in moved] == [("f-1", True), ("f-2", True)]


def test_person_of_their_own_needs_no_name(session: InProcess, people: list[str]) -> None:
    """Names come later, or never."""
    made = done(session, "SplitFigureCluster", ObjectId=people[0], FigureIds='["f-0"]', **D)["FigureCluster"]
    assert made["Name"] == ""


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"FigureIds": '["f-0","f-1","f-2"]'}, 400, "InvalidArgument"),
        ({"FigureIds": '["f-3"]'}, 404, "ResourceNotFound"),
        ({"FigureIds": '["f-0"]', "Name": "Bea"}, 409, "ResourceAlreadyExists"),
        ({"FigureIds": '["f-0"]', "Name": "a\tb"}, 400, "InvalidArgument"),
        ({"FigureIds": "[]"}, 400, "MissingFigureIds"),
        ({"FigureIds": json.dumps(["f-0"] * 101)}, 400, "InvalidArgument"),
        ({"FigureIds": '["f-0"]', "ObjectId": "Cluster-0"}, 404, "ResourceNotFound"),
    ],
)
def test_split_that_cannot_be_changes_nothing(
    session: InProcess, people: list[str], changes: dict[str, str], status: int, code: str
) -> None:
    """All of a person, somebody else's face, a name that is taken."""
    assert refused(session, "SplitFigureCluster", **{"ObjectId": people[0], **changes}, **D) == (status, code)
    assert len(done(session, "ListClusterFigures", ObjectId=people[0], **D)["Figures"]) == 3


def test_merge_is_taken_back(session: InProcess, people: list[str], database: MemoryFaceDatabase) -> None:
    """Both are there again under their ids and names; a second time there is nothing to take back."""
    merge = anyio.run(database.merge, REF, people[0], [people[1]])
    undone = done(session, "UndoFigureClustersMerging", MergeId=merge.merge_id, **D)
    assert undone == {"MergeId": merge.merge_id, "To": people[0], "Froms": [people[1]]}
    assert done(session, "GetFigureCluster", ObjectId=people[1], **D)["FigureCluster"]["Name"] == "Bea"
    assert refused(session, "UndoFigureClustersMerging", MergeId=merge.merge_id, **D) == (404, "ResourceNotFound")


# --- whose faces --------------------------------------------------------------------------------------------------


async def keep_the_face(database: MemoryFaceDatabase, name: str = "Ann") -> str:
    """Keep the one face of the test's picture as somebody's, in a dataset that is searched in the test's space."""
    await database.create_dataset(REF, DatasetSpec())
    embedder = FixedEmbedder()
    (vector,) = embedder.embed(decode(PICTURE), np.zeros((1, 5, 2), np.float32))
    known = replace(figure("f-1", 1, face()), vector=vector)
    put = await database.put_file(REF, "oss://photos/old.jpg", FileSpec(), facts(), [known], embedder.space)
    return (await database.found_cluster(REF, ClusterSpec(name), [put.figures[0].number])).cluster_id


def identified(session: InProcess) -> dict[str, Any]:
    return done(session, "IdentifyFigures", SourceURI="oss://photos/dir/photo.jpg", **D)


def test_face_is_identified_with_its_error(
    session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase, usage: MemoryUsageStore
) -> None:
    """Who it is, how similar, how often that would be wrong, and by which line; one detection is counted."""
    cluster_id = anyio.run(keep_the_face, database)
    told = identified(session)
    assert (told["ComparedWith"], told["SimilarityMin"], told["FalsePositivesMax"]) == (1, 0.8, 0.01)
    (shown,) = told["Figures"]
    assert (shown["Boundary"]["Left"], shown["Flaws"], shown["Match"]) == (10, [], cluster_id)
    (near,) = shown["Candidates"]
    assert (near["ObjectId"], near["Name"], near["FigureId"]) == (cluster_id, "Ann", "f-1")
    assert near["URI"] == "oss://photos/old.jpg"
    assert near["Similarity"] > 0.99
    assert near["ExpectedFalsePositives"] == near["FalseMatchRate"] < 1e-4
    assert near["IsMatch"] is True
    [(key, counts)] = [row for row in usage.rows() if row[0].operation == "imm:IdentifyFigures"]
    assert (key.access_key_id, key.bucket, counts.image_detect) == (KEY_ID, "photos", 1)


def test_unknown_face_has_no_match(session: InProcess, bucket: oss2.Bucket, database: MemoryFaceDatabase) -> None:
    """Nobody is in the dataset: no match, and nobody near."""
    anyio.run(database.create_dataset, REF, DatasetSpec())
    told = identified(session)
    assert told["ComparedWith"] == 0
    assert [(sorted(one), one["Candidates"]) for one in told["Figures"]] == [(["Boundary", "Candidates", "Flaws"], [])]


# --- forgetting ---------------------------------------------------------------------------------------------------


def test_person_is_forgotten_with_a_receipt(session: InProcess, people: list[str]) -> None:
    """The person is gone, the receipt says what went and names nobody, and the log has the entry that it is tied to."""
    gone = done(session, "ForgetFigureCluster", ObjectId=people[0], **D)
    receipt = gone["Receipt"]
    assert (receipt["ProjectName"], receipt["DatasetName"], receipt["ObjectId"]) == ("p", "d", people[0])
    assert (receipt["FigureCount"], receipt["FileCount"], len(receipt["VectorDigests"])) == (3, 3, 3)
    assert receipt["Search"] == {"FileCount": 2, "Size": 192, "FoundIn": 0}
    assert receipt["NotSearched"] == ["elsewhere"]
    assert receipt["LogEntry"]["Actor"] == f"key:{KEY_ID}"
    assert (gone["StoredURIs"], gone["SearchFailure"]) == ([f"oss://photos/{seed}.jpg" for seed in range(3)], "")
    assert "Ann" not in json.dumps(gone)
    assert refused(session, "GetFigureCluster", ObjectId=people[0], **D) == (404, "ResourceNotFound")
    assert done(session, "GetFigureCluster", ObjectId=people[1], **D)["FigureCluster"]["Name"] == "Bea"
    (entry,) = done(session, "ListErasures", **D)["Erasures"]
    assert {"Number": entry["Number"], "Digest": entry["Digest"], "Actor": entry["Actor"]} == receipt["LogEntry"]
    assert (entry["Act"], entry["Subjects"]) == ("erase", [people[0]])
    assert entry["Counts"] == {"figures": 3, "files": 3, "clusters": 1}


def test_nobody_is_forgotten_by_name(session: InProcess, people: list[str]) -> None:
    """A name may be anybody's; only an id erases, and only once."""
    assert refused(session, "ForgetFigureCluster", ObjectId="Ann", **D) == (404, "ResourceNotFound")
    done(session, "ForgetFigureCluster", ObjectId=people[0], **D)
    assert refused(session, "ForgetFigureCluster", ObjectId=people[0], **D) == (404, "ResourceNotFound")


def test_erasures_of_other_datasets_are_not_shown(session: InProcess, people: list[str]) -> None:
    """Page by page, those of the dataset that was asked for."""
    for cluster_id in people:
        done(session, "ForgetFigureCluster", ObjectId=cluster_id, **D)
    other = {"ProjectName": "p", "DatasetName": "other"}
    done(session, "CreateDataset", **other)
    assert done(session, "ListErasures", **other) == {"Erasures": [], "NextToken": ""}
    first = done(session, "ListErasures", MaxResults="1", **D)
    last = done(session, "ListErasures", MaxResults="1", NextToken=first["NextToken"], **D)
    subjects = [entry["Subjects"] for entry in (*first["Erasures"], *last["Erasures"])]
    assert (subjects, last["NextToken"]) == ([[people[0]], [people[1]]], "")


# --- progress -----------------------------------------------------------------------------------------------------


def test_tasks_are_counted(session: InProcess, tasks: MemoryTasks) -> None:
    """Those of one run, by how far they are."""

    async def work() -> None:
        new = NewTask("p", TaskKind.FILE_INDEXING, {}, "run 1")
        await tasks.add_all([replace(new, subject=str(place)) for place in range(4)])
        await tasks.add(replace(new, user_data="run 2"))
        claims = [await tasks.claim([TaskKind.FILE_INDEXING], 10) for _ in range(2)]
        assert claims[0] is not None
        assert claims[1] is not None
        await tasks.succeed(claims[0], {})
        await tasks.fail(claims[1], "c", "m")

    anyio.run(work)
    asked = {"ProjectName": "p", "TaskTypes": '["FileIndexing"]'}
    assert done(session, "CountTasks", UserData="run 1", **asked) == {"Running": 2, "Succeeded": 1, "Failed": 1}
    assert done(session, "CountTasks", **asked) == {"Running": 3, "Succeeded": 1, "Failed": 1}
    assert refused(session, "CountTasks", ProjectName="p") == (400, "MissingTaskTypes")

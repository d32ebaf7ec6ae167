"""An application of IMM from its first call to its last, by the official clients only, while the server dies twice.

300 pictures, most of them of six persons: they are stored, indexed, clustered, named, searched, changed and erased. The
server is killed while it indexes and again while it clusters, and nothing that it had accepted is lost.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import oss2
import pytest
from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException

from tests.crowd import LONERS, PERSONS, Shot, crowd, jpeg, nobody, picture
from tests.imm_clients import await_it, imm
from tests.running import RunningServer, start_server

EACH, PAIRS, EMPTY = 45, 15, 5
D = {"project_name": "family", "dataset_name": "album"}
BUCKET = "photos"
UNAVAILABLE, INDEPENDENT = "figure-cluster-id-unavailable", "figure-cluster-id-independent"


@dataclass
class Application:
    """A program that uses the service, and the server that it uses.

    Attributes:
        shots: what it stored, by key.
    """

    folder: Path
    server: RunningServer
    shots: dict[str, Shot] = field(default_factory=dict)

    @property
    def imm(self) -> Client:
        return imm(self.server)

    @property
    def bucket(self) -> oss2.Bucket:
        return self.server.bucket(BUCKET)

    def kill(self) -> None:
        """Kill the server without warning, and start another on what it left."""
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait(10)
        assert self.server.process.stdout is not None
        self.server.process.stdout.close()
        self.server = start_server(self.folder)

    def restart(self) -> None:
        """Stop the server, and start another."""
        assert self.server.stop() == 0
        self.server = start_server(self.folder)

    # --- what the program does ---------------------------------------------------------------------------------------

    def store(self, shot: Shot) -> None:
        self.bucket.put_object(shot.key, shot.content, headers={"Content-Type": "image/jpeg"})

    def file_count(self) -> int:
        """Tell how many files the service says that there are."""
        return self.imm.get_dataset(models.GetDatasetRequest(**D, with_statistics=True)).body.dataset.file_count

    def files(self, **asked: object) -> list[models.File]:
        """Ask for files, page by page."""
        found: list[models.File] = []
        token = None
        while token != "":
            request = models.SimpleQueryRequest(**D, **asked, next_token=token, max_results=70)
            page = self.imm.simple_query(request).body
            found += page.files
            token = page.next_token or ""
        return found

    def members(self, cluster_id: str) -> list[models.File]:
        """Ask for the files of a cluster, as IMM's manual says."""
        return self.files(query=condition("Figures.FigureClusterId", "eq", cluster_id), with_fields=["URI", "Figures"])

    def clusters(self) -> list[models.FigureCluster]:
        return self.imm.query_figure_clusters(models.QueryFigureClustersRequest(**D)).body.figure_clusters

    def search(self, shot: Shot) -> list[models.SearchImageFigureClusterResponseBodyClusters]:
        """Ask who is on a picture that is in no dataset."""
        self.store(shot)
        request = models.SearchImageFigureClusterRequest(**D, source_uri=uri(shot.key))
        return self.imm.search_image_figure_cluster(request).body.clusters

    def await_task(self, task_id: str, kind: str) -> models.GetTaskResponseBody:
        """Wait until a task is over."""

        def look() -> models.GetTaskResponseBody | None:
            request = models.GetTaskRequest(project_name="family", task_id=task_id, task_type=kind)
            task = self.imm.get_task(request).body
            return None if task.status == "Running" else task

        return await_it(look)


def hundreds(keys: list[str]) -> list[list[str]]:
    """Cut a list into what one batch may have."""
    return [keys[start : start + 100] for start in range(0, len(keys), 100)]


def uri(key: str) -> str:
    return f"oss://{BUCKET}/{key}"


def condition(name: str, operation: str, value: str) -> models.SimpleQuery:
    return models.SimpleQuery(field=name, operation=operation, value=value)


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """The program with everything stored, and a project and a dataset for it."""
    made = Application(tmp_path, start_server(tmp_path))
    made.bucket.create_bucket()
    empty = [Shot(f"empty/{number}.jpg", jpeg(nobody(number)), ()) for number in range(EMPTY)]
    for shot in [*crowd(EACH, PAIRS), *empty]:
        made.store(shot)
        made.shots[shot.key] = shot
    made.imm.create_project(models.CreateProjectRequest(project_name="family"))
    made.imm.create_dataset(models.CreateDatasetRequest(**D))
    yield made
    if made.server.process.poll() is None:
        assert made.server.stop() == 0


@pytest.mark.timeout(1800)
def test_application(application: Application) -> None:
    """Nothing is lost and nobody mixed up from the first picture to the last."""
    assert len(application.shots) == 300
    index(application)
    everything_is_there(application)
    persons = cluster(application)
    name_them(application, persons)
    find_them(application, persons)
    change_files(application, persons)
    correct_a_mistake(application, persons)
    erase_one(application, persons)
    erase_everything(application)


def index(application: Application) -> None:
    """Accepted files are indexed, although the server is killed in the middle."""
    for keys in hundreds(list(application.shots)):
        files = [models.InputFile(uri=uri(key), custom_id=key, custom_labels={"album": "one"}) for key in keys]
        assert application.imm.batch_index_file_meta(models.BatchIndexFileMetaRequest(**D, files=files)).body.event_id
    await_it(lambda: application.file_count() >= 60)
    application.kill()
    assert 60 <= application.file_count() < 300, "the server was killed while it worked"
    await_it(lambda: application.file_count() == 300)


def everything_is_there(application: Application) -> None:
    """Each file once, in order, with what was said about it and the faces that are on it."""
    found = application.files(sort="URI", order="asc")
    assert [file.uri for file in found] == sorted(map(uri, application.shots))
    for file in found:
        shot = application.shots[file.custom_id]
        assert file.uri == uri(shot.key)
        assert (file.size, file.custom_labels) == (len(shot.content), {"album": "one"})
        assert [figure.figure_cluster_id for figure in file.figures] == [UNAVAILABLE] * len(shot.persons)
    head = application.bucket.head_object("31/0.jpg")
    assert found[0].custom_id == "31/0.jpg"
    assert (found[0].etag, found[0].osscrc64) == (f'"{head.etag}"', str(head.server_crc))


def cluster(application: Application) -> dict[str, str]:
    """Six persons are found, each whole and nobody twice, although the server is killed in the middle."""
    request = models.CreateFigureClusteringTaskRequest(**D, user_data="first")
    task_id = application.imm.create_figure_clustering_task(request).body.task_id
    application.kill()
    task = application.await_task(task_id, "FaceClustering")
    assert (task.status, task.code, task.user_data) == ("Succeeded", "", "first")
    persons: dict[str, str] = {}
    for found in application.clusters():
        shown = Counter[str]()
        for file in application.members(found.object_id):
            shown.update(person_of(application, file, figure) for figure in in_cluster(file, found.object_id))
        [person] = shown
        assert person not in persons
        persons[person] = found.object_id
        assert found.face_count == shown[person] >= 0.95 * (EACH + appearances(application, person))
    assert set(persons) == set(PERSONS)
    for file in application.files(query=condition("URI", "prefix", uri("once/"))):
        assert [figure.figure_cluster_id for figure in file.figures] == [INDEPENDENT]
    return persons


def in_cluster(file: models.File, cluster_id: str) -> list[models.Figure]:
    return [figure for figure in file.figures if figure.figure_cluster_id == cluster_id]


def person_of(application: Application, file: models.File, figure: models.Figure) -> str:
    """Tell who a face is by where it was put on the picture."""
    persons = application.shots[file.uri.removeprefix(uri(""))].persons
    return persons[0] if len(persons) == 1 or figure.boundary.left < 200 else persons[1]


def appearances(application: Application, person: str) -> int:
    """Tell on how many pictures of two somebody is."""
    return sum(person in shot.persons for shot in application.shots.values() if len(shot.persons) == 2)


def name_them(application: Application, persons: dict[str, str]) -> None:
    """Each gets a name; who has seen an old version changes nothing; names outlast the server."""
    for person, cluster_id in persons.items():
        said = models.FigureClusterForReq(object_id=cluster_id, name=person, meta_lock_version=0)
        application.imm.update_figure_cluster(models.UpdateFigureClusterRequest(**D, figure_cluster=said))
    late = models.FigureClusterForReq(object_id=persons["99"], name="late", meta_lock_version=0)
    with pytest.raises(ClientException):
        application.imm.update_figure_cluster(models.UpdateFigureClusterRequest(**D, figure_cluster=late))
    application.restart()
    assert {found.object_id: found.name for found in application.clusters()} == {
        cluster_id: person for person, cluster_id in persons.items()
    }


def find_them(application: Application, persons: dict[str, str]) -> None:
    """A new picture of each is found to be theirs, that of a stranger nobody's."""
    for person, cluster_id in persons.items():
        [match] = application.search(Shot(f"new/{person}.jpg", jpeg(picture(person, 2000)), (person,)))
        assert match.cluster_id == cluster_id
        assert match.similarity > 0.8
    for match in application.search(Shot("new/stranger.jpg", jpeg(picture(LONERS[0], 2000)), ())):
        assert (match.similarity or 0) < 0.8
    assert application.file_count() == 300


def change_files(application: Application, persons: dict[str, str]) -> None:
    """What is said about a file can be changed and asked for, alone and together with who is on it."""
    changed = models.InputFile(uri=uri("63/7.jpg"), custom_labels={"album": "two"})
    application.imm.update_file_meta(models.UpdateFileMetaRequest(**D, file=changed))
    second = condition("CustomLabels.album", "eq", "two")
    assert [file.uri for file in application.files(query=second)] == [changed.uri]
    both = [condition("CustomLabels.album", "eq", "one"), condition("Figures.FigureClusterId", "eq", persons["63"])]
    rest = application.files(query=models.SimpleQuery(operation="and", sub_queries=both))
    assert len(rest) == len(application.members(persons["63"])) - 1
    counted = models.SimpleQueryRequestAggregations(field="Figures.FigureClusterId", operation="group")
    page = application.imm.simple_query(models.SimpleQueryRequest(**D, aggregations=[counted])).body
    groups = {group.value: group.count for group in page.aggregations[0].groups}
    assert {name: groups[name] for name in persons.values()} == {
        found.object_id: found.face_count for found in application.clusters()
    }


def correct_a_mistake(application: Application, persons: dict[str, str]) -> None:
    """A person takes a face out of a cluster; the next clustering does not put it back."""
    [file] = application.files(query=condition("URI", "eq", uri("31/3.jpg")))
    moved = models.InputFileFigures(
        figure_id=file.figures[0].figure_id, figure_cluster_id=INDEPENDENT, figure_type="face"
    )
    changed = models.InputFile(uri=file.uri, figures=[moved])
    application.imm.update_file_meta(models.UpdateFileMetaRequest(**D, file=changed))
    task_id = application.imm.create_figure_clustering_task(models.CreateFigureClusteringTaskRequest(**D)).body.task_id
    assert application.await_task(task_id, "FaceClustering").status == "Succeeded"
    request = models.GetFileMetaRequest(**D, uri=file.uri)
    [again] = application.imm.get_file_meta(request).body.files
    assert again.figures[0].figure_cluster_id == INDEPENDENT
    assert {found.object_id for found in application.clusters()} == set(persons.values())


def erase_one(application: Application, persons: dict[str, str]) -> None:
    """With the last picture of a person the cluster and its name go, and nobody finds them any more."""
    gone = [file.uri for file in application.members(persons["61"])]
    for uris in hundreds(gone):
        application.imm.batch_delete_file_meta(models.BatchDeleteFileMetaRequest(**D, uris=uris))
    assert persons["61"] not in {found.object_id for found in application.clusters()}
    assert application.file_count() == 300 - len(gone)
    for match in application.search(Shot("new/61.jpg", jpeg(picture("61", 2000)), ("61",))):
        assert (match.similarity or 0) < 0.8
    assert application.bucket.object_exists("61/0.jpg")


def erase_everything(application: Application) -> None:
    """The dataset goes with everything in it, then the project; what is deleted is gone after a start as well."""
    application.imm.delete_dataset(models.DeleteDatasetRequest(**D))
    application.imm.delete_project(models.DeleteProjectRequest(project_name="family"))
    application.restart()
    with pytest.raises(ClientException) as caught:
        application.file_count()
    assert caught.value.code == "ResourceNotFound"

"""What every keeper of projects does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oss_faces.imm_errors import LimitExceeded, ResourceAlreadyExists, ResourceInUse, ResourceNotFound
from oss_faces.projects import AttachmentPage, ProjectPage, ProjectQuery, Projects
from oss_faces.values import ProjectLimits, ProjectSpec
from tests.contracts.projects.conftest import FIRST

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


async def test_nothing_is_there_at_first(projects: Projects) -> None:
    """A new keeper has no project and no attachment."""
    assert await projects.list(ProjectQuery()) == ProjectPage(())
    for call in (projects.get("p"), projects.attachment("photos"), projects.attachments("p")):
        with pytest.raises(ResourceNotFound):
            await call


async def test_a_project_comes_back_as_it_was_made(projects: Projects) -> None:
    """Everything that is said about a project is kept, and the moment to the microsecond."""
    limits = ProjectLimits(dataset_max_bind_count=3, dataset_max_total_file_size=2**62)
    spec = ProjectSpec("Gesichter \N{GRINNING FACE}", "role", "Official:FaceManagement", {"k": "v", "": ""}, limits)
    made = await projects.create("p", spec)
    assert (made.name, made.spec, made.created, made.updated) == ("p", spec, FIRST, FIRST)
    assert await projects.get("p") == made


async def test_a_name_is_taken_once(projects: Projects) -> None:
    """A second project of a name is refused, and the first is as it was."""
    made = await projects.create("p", ProjectSpec("first"))
    with pytest.raises(ResourceAlreadyExists, match="p"):
        await projects.create("p", ProjectSpec("second"))
    assert await projects.get("p") == made


async def test_projects_have_a_limit(projects: Projects) -> None:
    """The limit on projects holds, and a deleted one makes room."""
    for name in "abcd":
        await projects.create(name, ProjectSpec())
    with pytest.raises(LimitExceeded, match="4"):
        await projects.create("e", ProjectSpec())
    await projects.delete("a")
    await projects.create("e", ProjectSpec())


async def test_pages_of_projects(projects: Projects) -> None:
    """Pages go by name, and the last has no successor."""
    for name in ("b", "aa", "ab", "B"):
        await projects.create(name, ProjectSpec())
    first = await projects.list(ProjectQuery(limit=2))
    assert [project.name for project in first.projects] == ["B", "aa"]
    rest = await projects.list(ProjectQuery(after=first.next_after, limit=2))
    assert ([project.name for project in rest.projects], rest.next_after) == (["ab", "b"], "")
    prefixed = await projects.list(ProjectQuery(prefix="a", limit=1))
    assert ([project.name for project in prefixed.projects], prefixed.next_after) == (["aa"], "aa")


async def test_projects_by_tags(projects: Projects) -> None:
    """A project must have every tag that is asked for; a page holds as many fitting ones as it can."""
    await projects.create("a", ProjectSpec(tags={"k": "v", "x": "y"}))
    await projects.create("b", ProjectSpec(tags={"k": "other"}))
    await projects.create("c", ProjectSpec(tags={"k": "v"}))
    page = await projects.list(ProjectQuery(tags={"k": "v"}, limit=2))
    assert ([project.name for project in page.projects], page.next_after) == (["a", "c"], "")
    assert not (await projects.list(ProjectQuery(tags={"k": "v", "z": ""}))).projects


async def test_an_update_changes_what_it_says(projects: Projects) -> None:
    """An update keeps the rest and the day of birth."""
    made = await projects.create("p", ProjectSpec("old", tags={"k": "v"}))
    changed = await projects.update("p", lambda spec: replace(spec, description="new"))
    assert changed.spec == ProjectSpec("new", tags={"k": "v"})
    assert (changed.created, changed.updated) == (made.created, made.updated + SECOND)
    assert await projects.get("p") == changed
    with pytest.raises(ResourceNotFound):
        await projects.update("absent", lambda spec: spec)


async def test_an_update_that_fails_changes_nothing(projects: Projects) -> None:
    """When the change cannot be made, the project is as it was."""
    made = await projects.create("p", ProjectSpec("old"))

    def fail(spec: ProjectSpec) -> ProjectSpec:
        raise LimitExceeded(spec.description)

    with pytest.raises(LimitExceeded, match="old"):
        await projects.update("p", fail)
    assert await projects.get("p") == made


async def test_a_bucket_is_attached_and_detached(projects: Projects) -> None:
    """An attachment is found by its bucket, until it is detached."""
    await projects.create("p", ProjectSpec())
    made = await projects.attach("photos", "p", "holiday")
    assert (made.bucket, made.project, made.description) == ("photos", "p", "holiday")
    assert made.created == made.updated == FIRST + SECOND
    assert await projects.attachment("photos") == made
    await projects.detach("photos")
    for call in (projects.attachment("photos"), projects.detach("photos")):
        with pytest.raises(ResourceNotFound, match=r"The bucket photos is not attached to any IMM project\."):
            await call


async def test_attaching_again_is_no_error(projects: Projects) -> None:
    """A program may attach its bucket at every start; the description is the last one."""
    await projects.create("p", ProjectSpec())
    first = await projects.attach("photos", "p", "old")
    again = await projects.attach("photos", "p", "new")
    assert again == replace(first, description="new", updated=first.updated + SECOND)
    assert await projects.attachment("photos") == again


async def test_a_bucket_has_one_project(projects: Projects) -> None:
    """A bucket that is attached elsewhere stays there."""
    await projects.create("p", ProjectSpec())
    await projects.create("q", ProjectSpec())
    made = await projects.attach("photos", "p", "")
    with pytest.raises(ResourceAlreadyExists, match="the project p"):
        await projects.attach("photos", "q", "")
    assert await projects.attachment("photos") == made


async def test_attaching_needs_a_project(projects: Projects) -> None:
    """Nothing is attached to a project that does not exist."""
    with pytest.raises(ResourceNotFound, match="project p"):
        await projects.attach("photos", "p", "")
    with pytest.raises(ResourceNotFound):
        await projects.attachment("photos")


async def test_a_project_in_use_stays(projects: Projects) -> None:
    """A project goes only after its buckets are detached."""
    await projects.create("p", ProjectSpec())
    await projects.attach("photos", "p", "")
    with pytest.raises(ResourceInUse):
        await projects.delete("p")
    await projects.detach("photos")
    await projects.delete("p")
    for call in (projects.get("p"), projects.delete("p")):
        with pytest.raises(ResourceNotFound):
            await call


async def test_attachments_have_a_limit(projects: Projects) -> None:
    """The limit counts over all projects, and attaching the same bucket again does not count."""
    await projects.create("p", ProjectSpec())
    await projects.create("q", ProjectSpec())
    for bucket, project in (("b1", "p"), ("b2", "p"), ("b3", "q")):
        await projects.attach(bucket, project, "")
    with pytest.raises(LimitExceeded, match="3"):
        await projects.attach("b4", "q", "")
    await projects.attach("b3", "q", "again")


async def test_pages_of_attachments(projects: Projects) -> None:
    """A page holds one project's buckets, by name."""
    await projects.create("p", ProjectSpec())
    await projects.create("q", ProjectSpec())
    for bucket, project in (("c", "p"), ("b", "q"), ("a", "p")):
        await projects.attach(bucket, project, "")
    first = await projects.attachments("p", limit=1)
    assert ([entry.bucket for entry in first.attachments], first.next_after) == (["a"], "a")
    rest = await projects.attachments("p", after="a", limit=1)
    assert ([entry.bucket for entry in rest.attachments], rest.next_after) == (["c"], "")
    assert await projects.attachments("q", after="b") == AttachmentPage(())

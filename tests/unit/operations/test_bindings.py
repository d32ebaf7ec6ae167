"""Which project a request may name, and which bucket may be asked for faces."""

import pytest

from oss_faces.errors import BucketNotAttached
from oss_faces.imm_errors import ResourceNotFound
from oss_faces.operations import Bindings
from oss_faces.projects import ImmSettings, MemoryProjects
from oss_faces.values import ProjectLimits, ProjectSpec
from tests.unit.operations.conftest import NOON

pytestmark = pytest.mark.anyio


def bindings(settings: ImmSettings) -> Bindings:
    return Bindings(MemoryProjects(settings, lambda: NOON), settings)


async def test_by_default_nothing_has_to_be_made() -> None:
    """A program that was written for its own project works at once."""
    found = bindings(ImmSettings())
    await found.require_project("never-made")
    await found.require_attached("photos")


async def test_a_project_may_have_to_be_made() -> None:
    """With the switch off, a project must have been created."""
    found = bindings(ImmSettings(auto_project=False))
    with pytest.raises(ResourceNotFound, match="p"):
        await found.require_project("p")
    await found.projects.create("p", ProjectSpec())
    await found.require_project("p")


async def test_a_bucket_may_have_to_be_attached() -> None:
    """With the switch off, a bucket must have been attached; OSS passes on what IMM says about it."""
    found = bindings(ImmSettings(auto_attach=False))
    with pytest.raises(BucketNotAttached) as caught:
        await found.require_attached("photos")
    assert caught.value.message == "ResourceNotFound, The bucket photos is not attached to any IMM project."
    assert (caught.value.code, caught.value.http_status, caught.value.ec_value) == ("Imm Client", 400, "0056-00000001")
    await found.projects.create("p", ProjectSpec())
    await found.projects.attach("photos", "p", "")
    await found.require_attached("photos")


async def test_limits_of_a_project_that_nobody_made() -> None:
    """They are the documented ones, and with the switch off there are none."""
    assert await bindings(ImmSettings()).project_limits("p") == ProjectLimits()
    strict = bindings(ImmSettings(auto_project=False))
    with pytest.raises(ResourceNotFound, match="p"):
        await strict.project_limits("p")
    limits = ProjectLimits(project_max_dataset_count=3)
    await strict.projects.create("p", ProjectSpec(limits=limits))
    assert await strict.project_limits("p") == limits

"""The face service before anybody has asked for it: it is bound at the first use, and once."""

from collections.abc import Mapping
from datetime import UTC, datetime

import anyio
import pytest

from oss_faces import face_parts
from oss_faces.face_parts import Bound, FaceService
from oss_faces.http import ImmWork, RequestBody
from oss_faces.http.imm_service import ImmResult
from oss_faces.protocol import ImmAction
from oss_faces.request.imm_fields import Fields
from oss_faces.tasks import NewTask, Progress, Task, TaskKind, TaskStatus
from oss_faces.values import Address, Principal, WireRequest

ACTION = ImmAction.GET_TASK
TASK = Task(
    "1", "1", NewTask("p", TaskKind.FACE_CLUSTERING, {}), TaskStatus.RUNNING, 0, datetime(2026, 1, 1, tzinfo=UTC)
)


class Binding:
    """Does one operation and all tasks, and counts how often it was asked to."""

    def __init__(self, *actions: ImmAction) -> None:
        self.count = 0
        self.actions = actions or (ACTION,)

    def __call__(self) -> Bound:
        self.count += 1
        return Bound(dict.fromkeys(self.actions, self.handle), dict.fromkeys(TaskKind, self.do))

    def handle(self, principal: Principal, _fields: Fields, _body: RequestBody) -> tuple[Address, ImmWork]:
        return Address(principal.access_key_id), self.work

    async def work(self) -> ImmResult:
        return ImmResult()

    async def do(self, task: Task, progress: Progress) -> Mapping[str, object]:
        progress(50)
        return {"done": task.task_id}


async def silent() -> dict[str, object]:
    return {"type": "http.disconnect"}


def ask(service: FaceService) -> Address:
    body = RequestBody(WireRequest("POST", "/", (), ()), silent, 1.0)
    return service.operations[ACTION](Principal("key"), Fields({}), body)[0]


def test_nothing_is_bound_before_it_is_asked_for() -> None:
    """Neither by making it, nor by telling what it does."""
    binding = Binding()
    service = FaceService([ACTION], binding)
    assert service.operations.keys() == {ACTION}
    assert service.tasks.keys() == set(TaskKind)
    assert binding.count == 0


def test_it_is_bound_once() -> None:
    """By the first operation or task; those behind it have the same."""
    binding, told = Binding(), []
    service = FaceService([ACTION], binding)
    assert ask(service) == ask(service) == Address("key")
    assert anyio.run(service.tasks[TaskKind.FACE_CLUSTERING], TASK, told.append) == {"done": "1"}
    assert (binding.count, told) == (1, [50])


def test_it_is_bound_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the first who asks later does not wait for it."""
    monkeypatch.setattr(face_parts, "PREPARED_AFTER_S", 0.0)
    binding = Binding()
    anyio.run(FaceService([ACTION], binding).prepare)
    assert binding.count == 1


def test_what_nobody_does_is_found_out() -> None:
    """An operation that is announced and not bound is a mistake of ours."""
    with pytest.raises(AssertionError, match="each operation"):
        ask(FaceService([ACTION, ImmAction.LIST_TASKS], Binding()))

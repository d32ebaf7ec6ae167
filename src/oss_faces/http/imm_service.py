"""IMM (Intelligent Media Management) on the port of the objects: operations by name, answers and errors as JSON."""

import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from oss_faces.access import ImmAuthenticator
from oss_faces.errors import OssFacesError
from oss_faces.http.answers import Answer
from oss_faces.http.body import RequestBody, announces_body
from oss_faces.http.service import Caller, Task
from oss_faces.imm_errors import imm_form
from oss_faces.protocol import ImmAction, resolve_imm_action, wants_imm_picture_work
from oss_faces.protocol.imm_claims import BODY_BYTES_MAX, ImmClaim
from oss_faces.rendering.headers import Headers
from oss_faces.rendering.imm_documents import JSON_TYPE, answer_body, error_body
from oss_faces.request.imm_fields import Fields
from oss_faces.values import Address, Principal, WireRequest, WireResponse, Work

Want = TypeVar("Want")


@dataclass(frozen=True, slots=True)
class ImmResult:
    """The fields of an answer, and what making it took."""

    fields: Mapping[str, object] = field(default_factory=dict)
    work: Work = field(default_factory=Work)


ImmWork = Callable[[], Awaitable[ImmResult]]
"""Does an operation."""

ImmHandler = Callable[[Principal, Fields, RequestBody], tuple[Address, ImmWork]]
"""Reads the parameters of an operation, tells which object it is about, if any, and gives what does it."""


def plain(
    parse: Callable[[Fields], Want], answer: Callable[[Principal, Want], Coroutine[Any, Any, ImmResult]]
) -> ImmHandler:
    """Join reading and doing of an operation that is about no object."""

    def handle(principal: Principal, fields: Fields, _body: RequestBody) -> tuple[Address, ImmWork]:
        want = parse(fields)
        return Address(), partial(answer, principal, want)

    return handle


def new_imm_request_id() -> str:
    """Make the id of a request: an upper-case UUID, in the header and in the body the same."""
    return str(uuid.uuid4()).upper()


class ImmService:
    """Everything that is signed with one of the IMM schemes."""

    def __init__(
        self,
        authenticator: ImmAuthenticator,
        handlers: Mapping[ImmAction, ImmHandler],
        new_request_id: Callable[[], str] = new_imm_request_id,
    ) -> None:
        missing = set(ImmAction) - set(handlers)
        assert not missing, f"actions without a handler: {missing}"
        self._authenticator = authenticator
        self._handlers = handlers
        self._new_request_id = new_request_id

    def new_request_id(self) -> str:
        """Make an `x-acs-request-id`; see `Service.new_request_id`."""
        return self._new_request_id()

    def wants_picture_work(self, request: WireRequest) -> bool:
        """Look for the operation's name; a form, which is read first, may be slow. See `Service.wants_picture_work`."""
        return wants_imm_picture_work(request) and not announces_body(request)

    def may_need_no_worker(self, request: WireRequest) -> bool:  # noqa: ARG002  the nonce would be spent in vain
        """Say no: IMM has no conditions, and looks at most pictures anew; see `Service.may_need_no_worker`."""
        return False

    async def authenticate(self, request: WireRequest, body: RequestBody, request_id: str) -> Caller:
        """Read the form, if there is one, and check the signature; see `Service.authenticate`."""
        form = await body.read(BODY_BYTES_MAX)
        found = await self._authenticator.authenticate(request, form)
        return Caller(
            found.principal, Address(), partial(self._find_task, found.principal, found.claim, body, request_id)
        )

    def error_answer(self, request: WireRequest, error: OssFacesError, request_id: str) -> WireResponse:
        """Write an error as JSON, never as XML; see `Service.error_answer`."""
        form = imm_form(error)
        document = error_body(error, form, request_id, request.header("host") or "")
        headers: Headers = (("Content-Type", JSON_TYPE),)
        if error.retryable:
            headers = (*headers, ("Retry-After", str(error.retry_after_s)))
        return WireResponse(form.http_status, headers, document)

    def headers(self, request_id: str, elapsed_ms: float) -> Headers:  # noqa: ARG002  only OSS tells the time
        """Give the id; see `Service.headers`."""
        return (("x-acs-request-id", request_id),)

    def _find_task(self, principal: Principal, claim: ImmClaim, body: RequestBody, request_id: str) -> Task:
        action = resolve_imm_action(claim.action, claim.version)
        address, work = self._handlers[action](principal, Fields.of(claim.parameters), body)
        return Task(action.name.lower(), f"imm:{action.value}", address, partial(_answer, work, request_id))


async def _answer(work: ImmWork, request_id: str) -> Answer:
    result = await work()
    return WireResponse(200, (("Content-Type", JSON_TYPE),), answer_body(request_id, **result.fields), result.work)

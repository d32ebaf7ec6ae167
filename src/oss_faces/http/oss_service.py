"""The object service (OSS): addresses are buckets and keys, errors are XML."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from oss_faces.access import Authenticator
from oss_faces.errors import NotModified, OssFacesError, PositionNotEqualToLength
from oss_faces.http.answers import Answer
from oss_faces.http.body import RequestBody
from oss_faces.http.call import Call
from oss_faces.http.service import Caller, Task
from oss_faces.protocol import Action, is_conditional, parse_query, resolve_action, wants_picture_work
from oss_faces.rendering.documents import error_document, error_header
from oss_faces.rendering.headers import XML_TYPE, Headers
from oss_faces.values import Address, Principal, WireRequest, WireResponse

Handler = Callable[[Call], Awaitable[Answer]]

_QUERY_READ_MAX: Final = 4096
"""A longer query is not read before a full server refuses: the longest that is signed is one with a security token."""


def new_header_request_id() -> str:
    """Make an `x-oss-request-id`: 24 upper-case hexadecimal digits."""
    return secrets.token_hex(12).upper()


class OssService:
    """Everything that is signed with one of the OSS schemes, or not at all.

    Args:
        may_know: tells whether what an access key asks about an object may be known already.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        handlers: Mapping[Action, Handler],
        new_request_id: Callable[[], str] = new_header_request_id,
        may_know: Callable[[Address, str], bool] = lambda _address, _access_key_id: False,
    ) -> None:
        missing = set(Action) - set(handlers)
        assert not missing, f"actions without a handler: {missing}"
        self._authenticator = authenticator
        self._handlers = handlers
        self._new_request_id = new_request_id
        self._may_know = may_know

    def new_request_id(self) -> str:
        """Make an `x-oss-request-id`; see `Service.new_request_id`."""
        return self._new_request_id()

    def wants_picture_work(self, request: WireRequest) -> bool:
        """Look for `x-oss-process` on a GET, whose body, if any, nobody reads; see `Service.wants_picture_work`."""
        return wants_picture_work(request)

    def may_need_no_worker(self, request: WireRequest) -> bool:
        """Look for a condition, and for who asks about what; see `Service.may_need_no_worker`."""
        if is_conditional(request):
            return True
        if len(request.query) > _QUERY_READ_MAX:
            return False
        claimed = self._authenticator.claimed(request)
        return claimed is not None and any(self._may_know(one, claimed.access_key_id) for one in claimed.readings)

    async def authenticate(self, request: WireRequest, body: RequestBody, request_id: str) -> Caller:  # noqa: ARG002  IMM puts the id into bodies
        """Check the signature, which covers the address and no body; see `Service.authenticate`."""
        found = await self._authenticator.authenticate(request)
        find_task = partial(self._find_task, request, found.principal, found.address, body)
        return Caller(found.principal, found.address, find_task)

    def error_answer(self, request: WireRequest, error: OssFacesError, request_id: str) -> WireResponse:
        """Write an error as XML, or into a header for HEAD; see `Service.error_answer`."""
        if isinstance(error, NotModified):
            return WireResponse(304, (("ETag", f'"{error.details["ETag"]}"'),))
        document = error_document(error, request_id, request.header("host") or "")
        headers: Headers = (("Content-Type", XML_TYPE), ("x-oss-ec", error.ec_value))
        if isinstance(error, PositionNotEqualToLength):
            headers = (*headers, ("x-oss-next-append-position", str(error.context["length"])))
        if error.retryable:
            headers = (*headers, ("Retry-After", str(error.retry_after_s)))
        if request.method == "HEAD":
            return WireResponse(error.http_status, (*headers, ("x-oss-err", error_header(document))))
        return WireResponse(error.http_status, headers, document)

    def headers(self, request_id: str, elapsed_ms: float) -> Headers:
        """Give the id and the time taken; see `Service.headers`."""
        return (("x-oss-request-id", request_id), ("x-oss-server-time", str(round(elapsed_ms))))

    def _find_task(self, request: WireRequest, principal: Principal, address: Address, body: RequestBody) -> Task:
        action = resolve_action(request, address)
        call = Call(request, principal, address, parse_query(request.query), body)
        return Task(action.name.lower(), action.operation, address, partial(self._handlers[action], call))

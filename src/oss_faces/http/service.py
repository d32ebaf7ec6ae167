"""What the edge needs of each of the services that share its port."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from oss_faces.errors import OssFacesError
from oss_faces.http.answers import Answer
from oss_faces.http.body import RequestBody
from oss_faces.rendering.headers import Headers
from oss_faces.values import Address, Principal, WireRequest, WireResponse


@dataclass(frozen=True, slots=True)
class Task:
    """An operation that is known, with everything bound that it needs.

    Attributes:
        action: name for the log, in lower case.
        operation: service and name as grants and usage counts have them, for instance `oss:GetObject`.
        address: the bucket and key that it is about, as far as there are any.
    """

    action: str
    operation: str
    address: Address
    run: Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Caller:
    """A request whose sender is known, or is known to be anonymous.

    Attributes:
        find_task: finds the operation; raises `OssFacesError` when there is no such one.
    """

    principal: Principal
    address: Address
    find_task: Callable[[], Task]


class Service(Protocol):
    """One service: how it tells who calls, finds its operations, and writes its errors."""

    def new_request_id(self) -> str:
        """Make the id under which the answer and the log speak of a request."""
        ...

    def wants_picture_work(self, request: WireRequest) -> bool:
        """Tell whether a request says that it needs a worker, and can be looked at without waiting for the client."""
        ...

    def may_need_no_worker(self, request: WireRequest) -> bool:
        """Tell of such a request whether a full server may be able to answer it. Nothing of it is trusted yet."""
        ...

    async def authenticate(self, request: WireRequest, body: RequestBody, request_id: str) -> Caller:
        """Find out who sent the request.

        Raises:
            OssFacesError: it cannot be trusted, or cannot be understood so far.
            ClientGone: the client left while its body was read.
        """
        ...

    def error_answer(self, request: WireRequest, error: OssFacesError, request_id: str) -> WireResponse:
        """Write an error as this service documents it."""
        ...

    def headers(self, request_id: str, elapsed_ms: float) -> Headers:
        """Headers that every answer of this service carries."""
        ...

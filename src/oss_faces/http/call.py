from dataclasses import dataclass

from oss_faces.http.body import RequestBody
from oss_faces.protocol import Query
from oss_faces.values import Address, Principal, WireRequest


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request on its way to a handler.

    Attributes:
        body: not read yet.
    """

    request: WireRequest
    principal: Principal
    address: Address
    query: Query
    body: RequestBody

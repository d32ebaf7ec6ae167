from collections.abc import Mapping
from dataclasses import dataclass

from oss_faces.http.body import RequestBody
from oss_faces.values import Address, Principal, WireRequest


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request on its way to a handler.

    Attributes:
        query: decoded parameters; of a repeated one the first counts.
        body: not read yet.
    """

    request: WireRequest
    principal: Principal
    address: Address
    query: Mapping[str, str]
    body: RequestBody

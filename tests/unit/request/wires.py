"""Requests as the tests of the parsers write them."""

from oss_faces.values import Address, WireRequest

ADDRESS = Address("bucket", "key")


def wire(method: str = "GET", **headers: str) -> WireRequest:
    """A request with these headers; `_` in a name stands for `-`."""
    return WireRequest(method, "/", "", tuple((name.replace("_", "-"), value) for name, value in headers.items()))

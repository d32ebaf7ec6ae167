"""Every official client goes through every case against a real server."""

from tests.conformance.bench import Bench
from tests.conformance.selection import CASES
from tests.conformance.toolchains import Client


def test_case(bench: Bench, client: Client, case: str) -> None:
    """What the case's docstring claims holds for this client."""
    CASES[case](bench)

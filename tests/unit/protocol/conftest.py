"""Requests as the official SDKs put them on the wire, with fixed, made-up credentials."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oss_faces.errors import InvalidAccessKeyId
from oss_faces.protocol.addressing import candidates
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.settings import AddressingSettings, SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.values import Address, WireRequest

FOLDER = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True)
class Vector:
    """One request and what it must be found to be.

    Attributes:
        scheme: `V1`, `V4`, `V2` or `none`.
        process_unsigned: the SDK did not sign x-oss-process.
        access_key_id, secret, token: of the key that signed it.
    """

    name: str
    request: WireRequest
    now: datetime
    scheme: str
    address: Address | None
    presigned: bool
    process_unsigned: bool
    access_key_id: str
    secret: Secret
    token: str | None
    addressing: AddressingSettings

    def verify(self, request: WireRequest | None = None, settings: SigningSettings | None = None) -> Address:
        """Verify the request, or another one in its place, at the moment it was received."""
        wire = request or self.request
        claim = read_claim(wire)
        assert claim is not None
        if claim.access_key_id != self.access_key_id:
            # The id is not signed in every form: it says whose secret is to be used.
            raise InvalidAccessKeyId
        readings = candidates(wire, self.addressing)
        return verify(wire, claim, self.secret, readings, self.now, settings or SigningSettings())

    def with_secret(self, secret: str) -> "Vector":
        """Give the same vector with another secret."""
        return replace(self, secret=Secret(secret))


def load_vectors() -> list[Vector]:
    """Read every vector file, in a fixed order."""
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return [_vector(case, document) for document in documents for case in document["cases"]]


def _vector(case: dict[str, Any], document: dict[str, Any]) -> Vector:
    expect, credentials = case["expect"], document["credentials"]
    temporary = expect.get("temporary", False)
    headers = tuple((name.lower(), value) for name, value in case["headers"])
    return Vector(
        name=case["name"],
        request=WireRequest(case["method"], case["path"], case["query"], headers),
        now=datetime.fromtimestamp(case["received_at"], UTC),
        scheme=expect["scheme"],
        address=Address(expect["bucket"], expect["key"]) if "bucket" in expect else None,
        presigned=expect.get("presigned", False),
        process_unsigned=expect.get("process_unsigned", False),
        access_key_id=credentials["sts_access_key_id" if temporary else "access_key_id"],
        secret=Secret(credentials["sts_secret" if temporary else "secret"]),
        token=credentials["sts_token"] if temporary else None,
        addressing=AddressingSettings((), document["custom_domains"], document["default_bucket"]),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `vector` once per signed request, and hand `vectors` all of them at once."""
    if "vector" in metafunc.fixturenames:
        signed = [vector for vector in load_vectors() if vector.scheme != "none"]
        metafunc.parametrize("vector", signed, ids=[vector.name for vector in signed])


@pytest.fixture(scope="session")
def vectors() -> list[Vector]:
    """All captured requests."""
    return load_vectors()

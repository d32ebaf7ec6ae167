"""The wire without I/O: addressing, signatures, actions, process strings."""

from oss_faces.protocol.addressing import AddressingSettings, candidates, is_bucket_name
from oss_faces.protocol.claims import Claim, Secret, SigningSettings
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.protocol.signing import read_claim, verify

__all__ = [
    "AddressingSettings",
    "Claim",
    "Query",
    "Secret",
    "SigningSettings",
    "candidates",
    "is_bucket_name",
    "parse_query",
    "read_claim",
    "verify",
]

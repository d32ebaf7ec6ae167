"""The wire without I/O: addressing, signatures, actions, process strings."""

from oss_faces.protocol.actions import Action, resolve_action
from oss_faces.protocol.addressing import AddressingSettings, candidates, is_bucket_name
from oss_faces.protocol.claims import Claim, Secret, SigningSettings
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.protocol.process import ProcessChain, ProcessStep, parse_process, resolve_process
from oss_faces.protocol.signing import read_claim, verify

__all__ = [
    "Action",
    "AddressingSettings",
    "Claim",
    "ProcessChain",
    "ProcessStep",
    "Query",
    "Secret",
    "SigningSettings",
    "candidates",
    "is_bucket_name",
    "parse_process",
    "parse_query",
    "read_claim",
    "resolve_action",
    "resolve_process",
    "verify",
]

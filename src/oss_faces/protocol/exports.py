from oss_faces.protocol.actions import Action, resolve_action
from oss_faces.protocol.addressing import candidates
from oss_faces.protocol.bucket_name import is_bucket_name
from oss_faces.protocol.claims import Claim, Secret
from oss_faces.protocol.encoding import Query, parse_query
from oss_faces.protocol.imm_actions import ImmAction, resolve_imm_action
from oss_faces.protocol.imm_claims import ImmClaim, is_imm_request
from oss_faces.protocol.picture_steps import Edit
from oss_faces.protocol.picture_work import is_conditional, wants_imm_picture_work, wants_picture_work
from oss_faces.protocol.process import (
    Outcome,
    PictureProcess,
    SaveTarget,
    parse_process,
    resolve_process,
    resolve_saving,
)
from oss_faces.protocol.settings import AddressingSettings, SigningSettings
from oss_faces.protocol.signing import read_claim, verify
from oss_faces.protocol.signing_imm import read_imm_claim, verify_imm

__all__ = [
    "Action",
    "AddressingSettings",
    "Claim",
    "Edit",
    "ImmAction",
    "ImmClaim",
    "Outcome",
    "PictureProcess",
    "Query",
    "SaveTarget",
    "Secret",
    "SigningSettings",
    "candidates",
    "is_bucket_name",
    "is_conditional",
    "is_imm_request",
    "parse_process",
    "parse_query",
    "read_claim",
    "read_imm_claim",
    "resolve_action",
    "resolve_imm_action",
    "resolve_process",
    "resolve_saving",
    "verify",
    "verify_imm",
    "wants_imm_picture_work",
    "wants_picture_work",
]

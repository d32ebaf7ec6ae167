from oss_faces.operations.people.enrolling import Enrolled, Enroller, Enrolment, Refusal
from oss_faces.operations.people.erasing import Eraser, Exported, Forgotten, Receipt, Sweeper, TraceFinder
from oss_faces.operations.people.expiry import expiring
from oss_faces.operations.people.gallery import Likeness, People, checked_name
from oss_faces.operations.people.identifying import (
    Identification,
    Identified,
    Identifier,
    Verification,
    Verifier,
)
from oss_faces.operations.people.keeping import Keeper
from oss_faces.operations.people.seeing import SeenFace, SeenPicture, Sight

__all__ = [
    "Enrolled",
    "Enroller",
    "Enrolment",
    "Eraser",
    "Exported",
    "Forgotten",
    "Identification",
    "Identified",
    "Identifier",
    "Keeper",
    "Likeness",
    "People",
    "Receipt",
    "Refusal",
    "SeenFace",
    "SeenPicture",
    "Sight",
    "Sweeper",
    "TraceFinder",
    "Verification",
    "Verifier",
    "checked_name",
    "expiring",
]

"""The names of tasks, of their events and of what they are about."""

import hashlib
import uuid
from typing import Final
from urllib.parse import quote

_SUBJECT_LENGTH_MAX: Final = 200


def new_task_id(kind: str) -> str:
    """Make the id of a task: as in the cloud, it tells the kind."""
    return f"{kind}-{uuid.uuid4()}"


def new_event_id() -> str:
    """Make the id of an event."""
    return str(uuid.uuid4()).upper()


def subject_of(*names: str) -> str:
    """Name what a task is about, for instance a project and a dataset.

    The same names always give the same subject, other names another, and none is longer than 200 characters.
    """
    subject = "/".join(quote(name, safe="") for name in names)
    if len(subject) > _SUBJECT_LENGTH_MAX:
        return f"/{hashlib.sha256(subject.encode()).hexdigest()}"
    return subject

"""Errors of a server that is full, late or broken."""

from collections.abc import Mapping

from oss_faces.errors.root import OssFacesError


class CapacityError(OssFacesError):
    """The server cannot take this request now."""

    code = "ServiceUnavailable"
    http_status = 503
    ec = "0001-00000503"
    retryable = True
    default_message = "The server is busy. Please reduce your request rate and try again."


class Overloaded(CapacityError):
    """Too many requests are waiting."""

    def __init__(self, retry_after_s: int = 1, *, context: Mapping[str, object] | None = None) -> None:
        super().__init__(context=context)
        self.retry_after_s = retry_after_s


class RefusedAtDoor(CapacityError):
    """Too many requests are waiting; this one was not looked at, so it is counted for no key."""

    def __init__(self, retry_after_s: int = 1, *, context: Mapping[str, object] | None = None) -> None:
        super().__init__(context=context)
        self.retry_after_s = retry_after_s


class DeadlineExceeded(CapacityError):
    """The answer would have come too late."""

    default_message = "The request could not be completed in time. Please try again later."


class WorkerLost(CapacityError):
    """The process that worked on the picture ended before the work did, and was replaced."""

    default_message = "The work on this request was interrupted. Please try again; if it happens again, do not."


class InferenceError(OssFacesError):
    """A model could not be run."""


class ModelUnavailable(InferenceError):
    """A model file is missing or is not the one that the catalogue names."""


class EngineFailed(InferenceError):
    """The inference engine refused the input or broke down."""

"""The root of all errors, and the one that only ends the start of the program."""

from collections.abc import Mapping
from typing import ClassVar


class OssFacesError(Exception):
    """Root of all errors that are raised on purpose.

    `message` is safe to show to the client. `context` goes to the log only. `details` are the extra elements
    of the error body (for instance `StringToSign`), already safe to show. `retry_after_s` is when a client should
    come back, whole seconds from now; of a retryable error it is told.
    """

    code: ClassVar[str] = "InternalError"
    http_status: ClassVar[int] = 500
    ec: ClassVar[str] = "0001-00000001"
    retryable: ClassVar[bool] = False
    default_message: ClassVar[str] = "We encountered an internal error. Please try again."
    retry_after_s: int = 1

    def __init__(
        self,
        message: str | None = None,
        *,
        ec: str | None = None,
        details: Mapping[str, str] | None = None,
        context: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.ec_value = ec or self.ec
        self.details = dict(details or {})
        self.context = dict(context or {})
        super().__init__(self.message)


class ConfigurationError(OssFacesError):
    """A flag, an environment variable or a key of the TOML file is wrong. Shown at start, never on the wire."""

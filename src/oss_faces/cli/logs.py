"""Structured logs: one JSON line for each event, to stderr."""

import io
import json
import logging
import sys
from contextlib import suppress
from typing import Final, TextIO, cast

import structlog


class _Lines(io.TextIOBase):
    """Standard error, allowed to fail: a full disk or a reader that is gone costs log lines, never an answer."""

    def write(self, text: str, /) -> int:
        """Write text if possible."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass text on if possible."""
        with suppress(OSError):
            sys.stderr.flush()


# Made once: `json.dumps` would make one for each line.
_JSON: Final = json.JSONEncoder(default=str)


def _as_json(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    """Write a line."""
    return _JSON.encode(event)


def log_to_stderr() -> None:
    """Set up logging of the process. Warnings of libraries come out in the same form."""
    lines = cast("TextIO", _Lines())
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, _as_json],
        logger_factory=structlog.WriteLoggerFactory(lines),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(lines)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _as_json,
        ],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)

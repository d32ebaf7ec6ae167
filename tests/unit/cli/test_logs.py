"""Logs of the process: one JSON line for each event, to stderr."""

import json
import subprocess
import sys

PROGRAM = """
import logging
import structlog
from oss_faces.cli.logs import log_to_stderr

log_to_stderr()
log = structlog.get_logger("x")
log.info("request", status=200, key="人\\nline")
try:
    raise ValueError("of the program")
except ValueError:
    log.exception("unforeseen")
logging.getLogger("a.library").warning("of a library %s", 1)
logging.getLogger("a.library").info("too quiet")
"""


def test_every_event_is_one_json_line() -> None:
    """Our events, exceptions and the warnings of libraries have one form; nothing goes to stdout."""
    # A process of its own: the setting-up of logs is for ever.
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, timeout=60)
    assert done.stdout == b""
    request, unforeseen, library = [json.loads(line) for line in done.stderr.decode().splitlines()]
    assert (request["event"], request["level"], request["status"]) == ("request", "info", 200)
    assert request["key"] == "人\nline"
    assert request["timestamp"].endswith("Z")
    assert "ValueError: of the program" in unforeseen["exception"]
    assert (library["event"], library["level"]) == ("of a library 1", "warning")


def test_log_that_nobody_reads_stops_nothing() -> None:
    """A reader that is gone costs the lines and nothing else; the program does not hear of it."""
    program = PROGRAM + "\nprint('went on')\n"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.close()
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.read() == b"went on\n"
    assert process.wait(timeout=60) == 0

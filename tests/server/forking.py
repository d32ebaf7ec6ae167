"""A server process without the cost of a start: what it imports is imported once, before it is forked off.

What it does is the same from the first line of its command on. For runs that need hundreds of starts.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TextIO

import oss_faces.serving  # noqa: F401  what every forked process would load
from oss_faces.cli import main
from tests.running import RunningServer


class ForkedProcess:
    """What a test needs of a process that it started."""

    def __init__(self, process_id: int, stdout: TextIO) -> None:
        self.pid = process_id
        self.stdout = stdout

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = 0) -> int:  # noqa: ARG002  whoever waits here has killed it
        """Wait for its end; return its status, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork_server(folder: Path) -> RunningServer:
    """Serve in a forked process on a free port, and wait for its greeting. No thread may be running here."""
    data, log = folder / "data", folder / "log"
    reading, writing = os.pipe()
    process_id = os.fork()
    if process_id == 0:
        _serve(data, log, writing)
    os.close(writing)
    process = ForkedProcess(process_id, os.fdopen(reading))
    for line in process.stdout:
        if line.strip().startswith("endpoint"):
            break
    else:
        raise AssertionError(f"the server did not start ({process.wait()}):\n{log.read_text()}")
    key = json.loads((data / "root-key.json").read_text())
    return RunningServer(process, line.split()[1], key["access_key_id"], key["access_key_secret"], log, data)


def _serve(data: Path, log: Path, output: int) -> None:
    """Become the server: its own output, then the command as it is typed. Does not return."""
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    # What the tool has open, connections to the server before among it, is none of the server's.
    os.closerange(3, 1024)
    sys.argv = ["oss-faces", "serve", "--listen", "127.0.0.1:0", "--data", str(data)]
    status = 70
    try:
        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)

"""A worker process: `python -m oss_faces.child`, started by `BegunProcess.begin` and by nobody else.

It ends when the server closes its input, or is gone.
"""

import os
import signal
import sys
from contextlib import suppress

from oss_faces.lasting import lasting


def main() -> None:
    """Take the connection, so that what a library prints does not get between the frames, and serve."""
    # The server decides when it is over: it finishes what it has begun, also when both get the same signal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A process in the background of a terminal may be stopped for writing to it.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    # Whatever the server let slip through.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    with lasting():
        from oss_faces.child.working import serve  # noqa: PLC0415  (all of a worker)
    with suppress(ConnectionError), requests, answers:
        serve(requests, answers)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

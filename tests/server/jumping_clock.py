"""`oss-faces` whose clock is wrong by as many seconds as a file says at that moment: `JUMP_FILE=... python -m ...`.

To set the clock of the real machine is not ours. Only the time of day jumps; what measures spans has another clock, as
on a machine whose clock is set.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

true_time = time.time


def wrong_time() -> float:
    """Tell the time of a clock that was set."""
    return true_time() + float(Path(os.environ["JUMP_FILE"]).read_text())


if __name__ == "__main__":
    time.time = wrong_time

    import oss_faces.app  # after the clock is wrong

    oss_faces.app.utc_now = lambda: datetime.fromtimestamp(wrong_time(), UTC)

    from oss_faces.cli import main  # after the one clock that everything is given

    main()

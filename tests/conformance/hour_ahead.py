"""`oss-faces` on a machine whose clock is an hour ahead: `python -m tests.conformance.hour_ahead serve ...`.

To set the clock of the real machine is not ours. Only the time of day is changed, before the program is loaded; what
measures spans has another clock.
"""

import time
from datetime import UTC, datetime

HOUR_S = 3600
true_time = time.time


def wrong_time() -> float:
    """Tell the time of a clock that is an hour ahead."""
    return true_time() + HOUR_S


if __name__ == "__main__":
    time.time = wrong_time

    import oss_faces.app  # after the clock is wrong

    oss_faces.app.utc_now = lambda: datetime.fromtimestamp(wrong_time(), UTC)

    from oss_faces.cli import main  # after the one clock that everything is given

    main()

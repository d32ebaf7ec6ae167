"""What a start makes stays: modules, tables and networks are never garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """Run a block whose objects are there until the process ends, and are not looked through for garbage.

    An import makes so many that the collector would look through all of them again and again, for an eighth of the
    time; later every full collection would do so once more, while a request waits.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()

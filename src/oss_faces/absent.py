"""Packages that are not wanted, although they may be installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(package: str) -> Iterator[None]:
    """Import in a block as if a package were not installed, unless it is imported already.

    Libraries that only use it where it is do without.
    """
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # how Python says that there is no such module
    try:
        yield
    finally:
        del sys.modules[package]

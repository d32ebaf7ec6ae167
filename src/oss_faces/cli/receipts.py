"""The file of a receipt: made before anything is erased, so that a place that cannot be written is known in time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def reserved(file: Path | None) -> Iterator[Callable[[str], str]]:
    """Make a new file; it is taken away again when the block ends without having written into it.

    Returns:
        A function that writes a text to the disk, and gives the reason when that failed after all. Without a file it
        does nothing.

    Raises:
        UsageError: the file exists, or cannot be made.
    """
    if file is None:
        yield lambda _: ""
        return
    try:
        out = file.open("x", encoding="utf-8")
    except FileExistsError as exc:
        raise click.UsageError(f"{file} exists already; nothing was erased") from exc
    except OSError as exc:
        raise click.UsageError(f"{file} cannot be written: {exc.strerror}; nothing was erased") from exc
    is_written = False

    def write(text: str) -> str:
        nonlocal is_written
        try:
            with out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
        except OSError as exc:
            return exc.strerror or str(exc)
        is_written = True
        return ""

    try:
        yield write
    finally:
        if not is_written:
            out.close()
            file.unlink(missing_ok=True)

from pathlib import Path

from oss_faces.errors import ImageTooLarge


def read_file(path: Path, size_bytes_max: int) -> bytes:
    """Read a picture file, and not much more of a longer one than the limit.

    Raises:
        ImageTooLarge: it is longer.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(size_bytes_max + 1)
    if len(content) > size_bytes_max:
        raise ImageTooLarge(context={"limit": "size_bytes_max"})
    return content

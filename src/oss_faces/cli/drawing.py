"""Where `--draw` puts its pictures. Everything that can be wrong with the place is said before the first picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.rendering.overlay import can_write

_STANDARD_INPUT: Final = "-"

Target = Callable[[str], Path]


def choose_target(source: str, draw: Path) -> Target:
    """Give the function that tells the place of a drawing from the name of its picture.

    The drawings of a folder keep their places in it, so that no two of one name overwrite each other.

    Args:
        source: FILE, DIR or `-`.
        draw: a picture file, or a folder; for the pictures of a folder it is made when it is not there.

    Raises:
        ConfigurationError: `draw` cannot take them, or is the source itself.
    """
    origin = Path(source)
    if source != _STANDARD_INPUT and _is_same(origin, draw):
        raise ConfigurationError(f"the drawing would overwrite its source: {draw}")
    if source != _STANDARD_INPUT and origin.is_dir():
        _make_folder(draw)
        return lambda name: draw / f"{Path(name).relative_to(origin)}.png"
    if draw.is_dir():
        stem = "stdin" if source == _STANDARD_INPUT else origin.name
        return lambda _name: draw / f"{stem}.png"
    if not draw.parent.is_dir():
        raise ConfigurationError(f"no such folder: {draw.parent}")
    if not can_write(draw):
        raise ConfigurationError(f"not the ending of a picture file: {draw.name}")
    return lambda _name: draw


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigurationError(f"cannot make the folder {folder}: {exc.strerror}") from exc

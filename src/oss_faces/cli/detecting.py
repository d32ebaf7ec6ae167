"""`oss-faces detect`: many pictures through the pipeline, in order, a bounded number at a time."""

import hashlib
import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from tqdm import tqdm

from oss_faces.config import Settings
from oss_faces.decoding import decode
from oss_faces.errors import ConfigurationError, ImageError, ImageTooLarge
from oss_faces.pipeline import FacePipeline
from oss_faces.rendering.figures import figures
from oss_faces.rendering.overlay import draw_faces

_STANDARD_INPUT: Final = "-"
_AHEAD_PER_THREAD: Final = 2


@dataclass(frozen=True, slots=True)
class _Job:
    pipeline: FacePipeline
    settings: Settings
    draw: Path | None
    draw_into_folder: bool

    def run(self, name: str) -> dict[str, object]:
        """Analyse one picture into its output line. A picture that cannot be analysed is a line with its error."""
        try:
            content = _read(name, self.settings.decoding.size_bytes_max)
            result = self.pipeline.find_faces(content)
        except ImageError as exc:
            return {"Source": name, "Error": {"Code": exc.code, "Message": exc.message}}
        except OSError as exc:
            return {"Source": name, "Error": {"Code": "Unreadable", "Message": exc.strerror or str(exc)}}
        if self.draw is not None:
            target = self.draw / _drawn_name(name) if self.draw_into_folder else self.draw
            draw_faces(decode(content, self.settings.decoding), result).save(target)
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {
            "Source": name,
            "ImageWidth": result.size.width,
            "ImageHeight": result.size.height,
            "Figures": figures(result, etag, self.settings.rendering),
        }


def detect_all(pipeline: FacePipeline, settings: Settings, source: str, draw: Path | None) -> int:
    """Write one JSON line for each picture of `source`; return how many could not be analysed.

    Raises:
        ConfigurationError: `source` does not exist, or `draw` cannot take the pictures.
    """
    names = _names(source)
    many = len(names) > 1 or Path(source).is_dir()
    if draw is not None and many:
        draw.mkdir(parents=True, exist_ok=True)
    job = _Job(pipeline, settings, draw, many or (draw is not None and draw.is_dir()))
    threads = min(settings.workers.running or os.cpu_count() or 1, max(len(names), 1))
    failed = 0
    with tqdm(total=len(names), unit="picture", file=sys.stderr, disable=not many) as bar:
        for line in _in_order(job, names, threads):
            click.echo(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
            failed += "Error" in line
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()
    return failed


def _in_order(job: _Job, names: Iterable[str], threads: int) -> Iterator[dict[str, object]]:
    """Results in the order of the names, with only a few pictures in work at any time."""
    waiting: deque[Future[dict[str, object]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for name in names:
            waiting.append(pool.submit(job.run, name))
            if len(waiting) >= threads * _AHEAD_PER_THREAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _names(source: str) -> list[str]:
    if source == _STANDARD_INPUT:
        return [source]
    path = Path(source)
    if path.is_dir():
        return sorted(str(file) for file in path.rglob("*") if file.is_file())
    if not path.exists():
        raise ConfigurationError(f"no such file or folder: {source}")
    return [source]


def _read(name: str, size_bytes_max: int) -> bytes:
    """Read a picture, and not much more of a larger file than the limit."""
    if name == _STANDARD_INPUT:
        content = sys.stdin.buffer.read(size_bytes_max + 1)
    else:
        with Path(name).open("rb") as file:
            content = file.read(size_bytes_max + 1)
    if len(content) > size_bytes_max:
        raise ImageTooLarge
    return content


def _drawn_name(name: str) -> str:
    """Flatten a path into one file name, so that two pictures of the same name do not overwrite each other."""
    stem = "stdin" if name == _STANDARD_INPUT else name.strip("/").replace("/", "_")
    return f"{stem}.png"

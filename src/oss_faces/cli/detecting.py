"""`oss-faces detect`: many pictures through the pipeline, in order, a bounded number at a time."""

import hashlib
import json
import os
import re
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from tqdm import tqdm

from oss_faces.cli.drawing import Target, choose_target
from oss_faces.cli.ordered import in_order
from oss_faces.cli.reading import STANDARD_INPUT, read_picture
from oss_faces.config import Settings
from oss_faces.decoding import decode
from oss_faces.errors import ConfigurationError, ImageError, ImageTooLarge, InferenceError
from oss_faces.pipeline import FacePipeline
from oss_faces.rendering.figures import figures
from oss_faces.rendering.overlay import draw_faces

# What Python makes of bytes of a file name that are no UTF-8.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Job:
    pipeline: FacePipeline
    settings: Settings
    target: Target | None

    def run(self, name: str) -> dict[str, object]:
        """Analyse one picture into its output line. One that fails is a line with its error, and fails no other."""
        try:
            content = read_picture(name, self.settings.decoding.size_bytes_max)
        except OSError as exc:
            return _failed(name, "Unreadable", exc.strerror or str(exc))
        except ImageTooLarge as exc:
            return _failed(name, exc.code, exc.message)
        try:
            return self._describe(name, content)
        except (ImageError, InferenceError) as exc:
            return _failed(name, exc.code, exc.message)
        except OSError as exc:
            return _failed(name, "Unwritable", exc.strerror or str(exc))

    def _describe(self, name: str, content: bytes) -> dict[str, object]:
        result = self.pipeline.find_faces(content)
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        line = {
            "Source": name,
            "ImageWidth": result.size.width,
            "ImageHeight": result.size.height,
            "Figures": figures(result, etag, self.settings.rendering),
        }
        if self.target is not None:
            file = self.target(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            draw_faces(decode(content, self.settings.decoding), result).save(file)
        return line


def detect_all(pipeline: FacePipeline, settings: Settings, source: str, draw: Path | None) -> int:
    """Write one JSON line for each picture of `source`; return how many could not be analysed.

    Raises:
        ConfigurationError: `source` does not exist, or `draw` cannot take the pictures.
    """
    names = _names(source)
    job = _Job(pipeline, settings, choose_target(source, draw) if draw is not None else None)
    threads = min(settings.workers.running or os.cpu_count() or 1, max(len(names), 1))
    failed = 0
    with (
        tqdm(total=len(names), unit="picture", file=sys.stderr, disable=len(names) < 2) as bar,
        closing(in_order(job.run, names, threads)) as lines,
    ):
        for line in lines:
            click.echo(_text(line))
            failed += "Error" in line
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()
    return failed


def _names(source: str) -> list[str]:
    if source == STANDARD_INPUT:
        return [source]
    path = Path(source)
    if path.is_dir():
        return sorted(str(file) for file in path.rglob("*") if file.is_file())
    if not path.exists():
        raise ConfigurationError(f"no such file or folder: {source}")
    return [source]


def _failed(name: str, code: str, message: str) -> dict[str, object]:
    return {"Source": name, "Error": {"Code": code, "Message": message}}


def _text(line: dict[str, object]) -> str:
    """Write one line of JSON; a file name whose bytes are no UTF-8 is escaped, since no UTF-8 can hold it."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(line, separators=(",", ":")) if _SURROGATE.search(text) else text

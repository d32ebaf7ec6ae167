"""Disks that fill up or are read-only, seen by one process only: file systems in a mount namespace of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_MOUNTED = 'mount -t tmpfs -o "$1" oss-faces-test "$2" && shift 2 && exec "$@"'


def own_disk(folder: Path, options: str) -> tuple[str, ...]:
    """Words before a command that give it an empty file system of its own in `folder`; skips where nobody may mount."""
    folder.mkdir(exist_ok=True)
    words = ("unshare", "--mount", "sh", "-c", _MOUNTED, "sh", options, str(folder))
    try:
        subprocess.run([*words, "true"], check=True, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.CalledProcessError) as reason:
        pytest.skip(f"only root can give a process a disk of its own: {getattr(reason, 'stderr', reason)}")
    return words


def mount_inside(process_id: int, *words: str) -> None:
    """Mount, or with `umount` as the first word unmount, in the namespace of a running process."""
    command = words if words[0] == "umount" else ("mount", *words)
    subprocess.run(["nsenter", "-t", str(process_id), "-m", *command], check=True, timeout=30)


def fill(folder: Path) -> Path:
    """Write a file until the disk is full; removing it makes the room free again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


def command(data: Path) -> list[str]:
    """The command that serves a data folder on a free port."""
    return [sys.executable, "-m", "oss_faces", "serve", "--listen", "127.0.0.1:0", "--data", str(data)]


def environment() -> dict[str, str]:
    """The environment without settings of this program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}

"""`oss-faces serve`: from its settings to the running server. All of the server is imported here."""

import gc
import os
import sys
from functools import partial
from pathlib import Path

import anyio
import click

from oss_faces.app import build_keys, build_mounts, build_vectors, build_workers, package_version
from oss_faces.child.begun import BegunProcess
from oss_faces.cli.greeting import Addresses, greeting
from oss_faces.cli.logs import log_to_stderr
from oss_faces.config import Settings
from oss_faces.http import open_socket
from oss_faces.serving import Given, run_server


def run(settings: Settings, begun: BegunProcess) -> None:
    """Run a server until it is told to stop.

    Args:
        begun: becomes its first worker, and was told what to load; the caller ends it.

    Raises:
        OssFacesError: it cannot be started.
    """
    log_to_stderr()
    workers = build_workers(settings, begun)
    sources = build_mounts(settings, os.environ)
    keys, key_file = build_keys(settings, os.environ)
    given = Given(keys, sources, partial(build_vectors, settings, os.environ), workers)
    with open_socket(settings.server) as listener:
        start = partial(run_server, settings, given, listener, partial(be_ready, settings, key_file))
        anyio.run(start, backend_options={"use_uvloop": True})


def be_ready(settings: Settings, key_file: Path | None, endpoint: str, admin: str | None) -> None:
    """Say that the server is there, and where."""
    # Modules and whatever else a start makes stay to the end. To look through all of it for garbage takes some 70 ms of
    # the event loop each time, and whoever asks meanwhile waits.
    gc.freeze()
    mounts = {
        name: f"({'writable' if mount.writable else 'read-only'}): {mount.place}"
        for name, mount in sorted(settings.mounts.buckets.items())
    }
    addresses = Addresses(endpoint, admin, settings.console.enabled)
    click.echo(greeting(package_version(), addresses, settings.server.region, key_file, mounts))
    sys.stdout.flush()

"""A throw-away PostgreSQL cluster of Debian's package, on a Unix socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy import inspect

from oss_faces.database import Database, DatabaseSettings, open_database

PROGRAMS: Final = Path("/usr/lib/postgresql")
_READY: Final = "ready"
GUEST: Final = "guest"
"""A role that has to say its password, which is `GUEST_PASSWORD`; all others are trusted."""
GUEST_PASSWORD: Final = "a-secret-of-the-tests"
# Sorts by the rules of a language, as many installations do: what is sorted by code point has to ask for it.
_LOCALE: Final = ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C", "--encoding=UTF8")
_SETTINGS: Final = """
listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 200
wal_level = minimal
max_wal_senders = 0
max_wal_size = 64MB
"""
_ACCESS: Final = f"local all {GUEST} scram-sha-256\nlocal all all trust\n"


class Cluster:
    """A running cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._tables = ""
        self._ready: Database | None = None

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Make a database without a table, and give its URL; it is dropped in the end."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def ready(self) -> Database:
        """Give a database with all tables, and nothing in them. There is one: who comes next empties it."""
        if self._ready is None:
            self.run(f"CREATE DATABASE {_READY} TEMPLATE template0")
            self._ready = open_database(self.folder, DatabaseSettings(url=self.url(_READY)))
            names = set(inspect(self._ready.engine).get_table_names()) - {"alembic_version"}
            self._tables = ", ".join(sorted(names))
        self.run(f"TRUNCATE {self._tables} RESTART IDENTITY CASCADE", database=_READY)
        return self._ready

    def close(self) -> None:
        if self._ready is not None:
            self._ready.close()


def programs() -> Path:
    """Find the newest PostgreSQL; a test that needs it says so when it is absent."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("needs PostgreSQL (Debian: apt-get install postgresql)")
    return found[-1].parent


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a cluster; it is gone in the end. PostgreSQL does not run as root, so that root uses its account."""
    bin_folder = programs()
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    shared_memory = Path("/dev/shm")  # noqa: S108  only its being there is used; the folder made in it is private
    place = shared_memory if os.access(shared_memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="oss-faces-pg-", dir=place))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data, log = folder / "data", folder / "log"

        def call(program: str, *arguments: str) -> None:
            as_whom = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
            command = [str(bin_folder / program), "-D", str(data), *arguments]
            done = subprocess.run(  # type: ignore[call-overload]
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", check=False, **as_whom
            )
            assert done.returncode == 0, done.stderr

        call("initdb", "--no-sync", "--username=postgres", "--auth=trust", *_LOCALE)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}unix_socket_directories = '{folder}'\n")
        (data / "pg_hba.conf").write_text(_ACCESS)
        call("pg_ctl", "start", "--wait", f"--log={log}")
        try:
            cluster = Cluster(folder)
            cluster.run(f"CREATE ROLE {GUEST} LOGIN PASSWORD '{GUEST_PASSWORD}'")
            yield cluster
            cluster.close()
        finally:
            call("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_beside(*calls: Callable[[], None]) -> None:
    """Run calls at the same time, and raise what one of them raises."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], None]) -> None:
        barrier.wait()
        call()

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(run, call) for call in calls]:
            done.result()

"""Kill the server in the middle of writes, start it again, and see whether everything is there that was acknowledged.

`python -m tests.server.killing --rounds 200` does so as often as is wanted, on one data folder that grows from round
to round; the test beside it does one round.
"""

import argparse
import hashlib
import importlib
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import oss2

from tests.running import RunningServer, start_server

WRITERS, WRITES_EACH_MAX = 4, 200
ONE_WORKER = {"OSS_FACES_WORKERS__RUNNING": "1"}
KILL_AFTER = (20, 90)  # acknowledged writes of one round, at least and at most
GONE = (oss2.exceptions.RequestError, oss2.exceptions.ServerError)


@dataclass
class Ledger:
    """What one writer was told, and what it asked for last without an answer.

    Attributes:
        acknowledged: key -> ETag of the newest content that was acknowledged; no entry for a key that was deleted.
        open: key -> ETag of a content whose acknowledgement never came, or an empty text for a deletion.
    """

    acknowledged: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    writes: int = 0

    def allows(self, key: str, etag: str | None) -> bool:
        """Tell whether an object (`None`: no object) can be what is under this key."""
        if etag == self.acknowledged.get(key):
            return True
        return key in self.open and (etag or "") == self.open[key]

    @property
    def keys(self) -> set[str]:
        """Every key that was ever spoken of."""
        return {*self.acknowledged, *self.open}

    def settle(self, key: str, etag: str | None) -> None:
        """Take what was found as what there is: from now on it must stay."""
        self.open.pop(key, None)
        if etag is None:
            self.acknowledged.pop(key, None)
        else:
            self.acknowledged[key] = etag


class Round:
    """Writers against one server, which is killed when they have been told of enough writes."""

    def __init__(self, server: RunningServer, number: int, ledgers: list[Ledger], kill_after: int) -> None:
        self._server = server
        self._number = number
        self._ledgers = ledgers
        self._left = kill_after
        self._lock = threading.Lock()
        self._reached = threading.Event()

    def run(self) -> None:
        """Write, and kill the process while all writers are at work."""
        threads = [threading.Thread(target=self._write, args=(writer,)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        assert self._reached.wait(60), "the writers are told of their writes"
        self._server.process.send_signal(signal.SIGKILL)
        self._server.process.wait(10)
        assert self._server.process.stdout is not None
        self._server.process.stdout.close()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "a writer whose server is gone ends"

    def _write(self, writer: int) -> None:
        """Write new keys, one key again and again, and delete some; stop at the first write that fails."""
        bucket, ledger = self._server.bucket(connect_timeout=5), self._ledgers[writer]
        for number in range(WRITES_EACH_MAX):
            key = f"{writer}/again" if number % 5 == 4 else f"{writer}/{self._number}/{number}"
            try:
                self._put(bucket, ledger, key, os.urandom(1000 + 7919 * ((writer * 31 + number) % 37)))
                if number % 7 == 6:
                    self._delete(bucket, ledger, key)
            except GONE:
                return

    def _put(self, bucket: oss2.Bucket, ledger: Ledger, key: str, content: bytes) -> None:
        etag = hashlib.md5(content).hexdigest().upper()
        ledger.open[key] = etag
        bucket.put_object(key, content)
        ledger.settle(key, etag)
        self._count(ledger)

    def _delete(self, bucket: oss2.Bucket, ledger: Ledger, key: str) -> None:
        ledger.open[key] = ""
        bucket.delete_object(key)
        ledger.settle(key, None)
        self._count(ledger)

    def _count(self, ledger: Ledger) -> None:
        ledger.writes += 1
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._reached.set()


def check(bucket: oss2.Bucket, ledgers: list[Ledger], read_prefixes: tuple[str, ...]) -> None:
    """Compare what is listed with what was acknowledged, and read what begins with these prefixes to the last byte."""
    listed = {entry.key: (entry.etag, entry.size) for entry in oss2.ObjectIterator(bucket, max_keys=1000)}
    for ledger in ledgers:
        for key in ledger.keys:
            etag, _ = listed.get(key, (None, 0))
            assert ledger.allows(key, etag), f"{key}: {etag}, acknowledged was {ledger.acknowledged.get(key)}"
            ledger.settle(key, etag)
    known = set().union(*(ledger.keys for ledger in ledgers))
    assert set(listed) == known, f"nobody wrote {set(listed) - known}"
    for key, (etag, size) in listed.items():
        if key.startswith(read_prefixes):
            content = bucket.get_object(key).read()
            assert (len(content), hashlib.md5(content).hexdigest().upper()) == (size, etag), key


def start_one_worker(folder: Path) -> RunningServer:
    """Start a server that spends no time on workers which nobody needs here."""
    return start_server(folder, environment=ONE_WORKER)


def kill_rounds(
    folder: Path,
    rounds: int,
    seed: int = 0,
    start: Callable[[Path], RunningServer] = start_one_worker,
) -> list[Ledger]:
    """Kill so often, check after each kill, and read everything in the end."""
    chance = random.Random(seed)  # noqa: S311  kills that can be repeated are wanted, no secrecy
    ledgers = [Ledger() for _ in range(WRITERS)]
    server = start(folder)
    server.bucket().create_bucket()
    for number in range(rounds):
        Round(server, number, ledgers, chance.randint(*KILL_AFTER)).run()
        server = start(folder)
        check(server.bucket(), ledgers, tuple(f"{writer}/{number}/" for writer in range(WRITERS)))
        sys.stderr.write(f"{number + 1} kills, {sum(ledger.writes for ledger in ledgers)} writes\n")
    check(server.bucket(), ledgers, ("",))
    assert server.stop() == 0
    return ledgers


def main() -> None:
    """Read the command line, kill, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.server.killing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forked", action="store_true", help="fork the servers off, which saves most of each start")
    options = parser.parse_args()
    start = importlib.import_module("tests.server.forking").fork_server if options.forked else start_one_worker
    with tempfile.TemporaryDirectory(prefix="oss-faces-killing-") as folder:
        ledgers = kill_rounds(Path(folder), options.rounds, options.seed, start)
    writes, objects = (sum(ledger.writes for ledger in ledgers), sum(len(ledger.acknowledged) for ledger in ledgers))
    said = f"{options.rounds} kills among {writes} acknowledged writes: all {objects} objects are there, none in halves"
    sys.stdout.write(f"{said}\n")


if __name__ == "__main__":
    main()

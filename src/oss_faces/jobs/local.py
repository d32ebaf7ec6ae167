"""The engine of one machine: processes with one thread each, a bounded number of pictures in work, nothing to install.

Every process has an executor of its own. So one that is killed takes only its own picture with it, and the pipes of the
others stay whole.
"""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from itertools import islice
from queue import SimpleQueue
from typing import Final

from oss_faces.errors import ConfigurationError
from oss_faces.jobs.items import Item, Outcome, lost
from oss_faces.jobs.stages import Load, Look, Stages, load_one, look_at_one

ATTEMPTS_MAX: Final = 3
"""Processes that one picture may lose before the job goes on without it."""

PROCESSES_MAX: Final = 1024
_AHEAD_PER_PROCESS: Final = 2
# A process that was spawned and has nothing to do yet but read its networks.
_OPEN_S_MAX: Final = 600.0


class LocalEngine:
    """Runs the stages in processes of this machine.

    Args:
        processes: how many; 0 means one for each processor.
        picture_s_max: time for one picture; a process that takes longer is killed, and the picture is a failure.
    """

    def __init__(self, processes: int = 0, picture_s_max: float = 300.0) -> None:
        if not 0 <= processes <= PROCESSES_MAX:
            raise ConfigurationError(f"a job can have 1 to {PROCESSES_MAX} workers, and not {processes}")
        self._processes = processes or os.cpu_count() or 1
        self._picture_s_max = picture_s_max

    def run(self, stages: Stages, items: Iterable[Item]) -> Generator[Outcome]:
        """See `Engine.run`."""
        rest = iter(items)
        # Here, because an executor may wait for ever for what it cannot send.
        sent = pickle.dumps(stages)
        workers = [_Worker(sent, self._picture_s_max) for _ in range(self._processes)]
        idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in workers:
            idle.put(worker)

        def do(item: Item) -> Outcome:
            worker = idle.get()
            try:
                return worker.do(item)
            finally:
                idle.put(worker)

        with ThreadPoolExecutor(self._processes, thread_name_prefix="job") as threads:
            try:
                ahead = self._processes * _AHEAD_PER_PROCESS
                pending = {threads.submit(do, item) for item in islice(rest, ahead)}
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from _results(done)
                    pending |= {threads.submit(do, item) for item in islice(rest, ahead - len(pending))}
            finally:
                threads.shutdown(wait=False, cancel_futures=True)
                for worker in workers:
                    worker.stop()


def _results(done: set[Future[Outcome]]) -> Generator[Outcome]:
    for future in done:
        yield future.result()


class _Worker:
    """One process, started at its first picture, and anew when it was lost. For one thread at a time."""

    def __init__(self, stages: bytes, picture_s_max: float) -> None:
        self._stages = stages
        self._picture_s_max = picture_s_max
        self._executor: ProcessPoolExecutor | None = None
        self._process_id = 0
        self._is_stopped = False
        self._lock = threading.Lock()

    def do(self, item: Item) -> Outcome:
        """Take a picture through all stages.

        Raises:
            ConfigurationError, ModelUnavailable: the stages cannot be opened.
        """
        for _ in range(ATTEMPTS_MAX):
            try:
                return self._started().submit(_do, item).result(self._picture_s_max)
            except BrokenProcessPool:
                if self._is_stopped:
                    break
                self._discard()
            except TimeoutError:
                self._discard()
                return lost(item, "DeadlineExceeded", f"not done within {self._picture_s_max:g} s")
        return lost(item, "WorkerLost", f"{ATTEMPTS_MAX} processes ended while they worked on it")

    def stop(self) -> None:
        """End the process, whatever it does; what it did is lost."""
        self._is_stopped = True
        self._discard()

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            with self._lock:
                if self._is_stopped:
                    raise BrokenProcessPool("the engine was stopped")
                # Spawned and not forked: this process has threads, and forked ones would inherit their locks.
                context = multiprocessing.get_context("spawn")
                executor = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)
                self._executor = executor
            try:
                self._process_id = executor.submit(os.getpid).result(_OPEN_S_MAX)
                executor.submit(_open, self._stages).result(_OPEN_S_MAX)
            except BaseException:
                self._discard()
                raise
        return self._executor

    def _discard(self) -> None:
        with self._lock:
            executor, process_id = self._executor, self._process_id
            self._executor, self._process_id = None, 0
        if executor is None:
            return
        if process_id:
            # It may be gone already; as long as its executor was not joined, no other process has its number.
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        executor.shutdown(wait=False, cancel_futures=True)


class _Place:
    """What a process of the pool has open. Executors offer no other place for it than the module."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._load: Load | None = None
        self._look: Look | None = None

    def open(self, stages: Stages) -> None:
        self._load = self._stack.enter_context(stages.open_loader())
        self._look = self._stack.enter_context(stages.open_looker())

    def do(self, item: Item) -> Outcome:
        assert self._load is not None, "opened before the first picture"
        assert self._look is not None, "opened before the first picture"
        return look_at_one(self._look, load_one(self._load, item))


_place: Final = _Place()


def _prepare() -> None:
    """Leave Ctrl-C to the process that started this one, and end when that one ends, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of a pool has a parent"
    parent.join()
    os._exit(1)


def _open(stages: bytes) -> None:
    _place.open(pickle.loads(stages))  # noqa: S301  from the process that started this one


def _do(item: Item) -> Outcome:
    return _place.do(item)

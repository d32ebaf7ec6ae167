"""The loop inside the watched process: change an input, try it, keep it when it went a new way."""

import random
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzzing.coverage import Coverage
from fuzzing.mutating import Mutator
from fuzzing.slip import Slip
from fuzzing.target import Target, found_inputs

MEMORY_BYTES_MAX: Final = 768 * 1024 * 1024
"""Largest resident size of the process. Targets are set up with limits that let them take a fraction of it."""

_INPUTS_MAX: Final = 3_000
_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that did what none may do.

    Attributes:
        kind: `exception`, `memory`, `crash` or `hang`.
        detail: what is known of it: a traceback, a signal, a size.
    """

    target: str
    kind: str
    detail: str
    data: bytes


class Explorer:
    """Explores one target. Finds each defect once: exceptions from one line are one defect."""

    def __init__(self, target: Target, seed: int, slip: Slip, kept: Path | None) -> None:
        self.target = target
        self.executions = 0
        self._chance = random.Random(f"{target.name} {seed}")  # noqa: S311  repeatable chance is wanted, no secrecy
        self._mutator = Mutator(target, self._chance)
        self._coverage = Coverage(target.traced)
        self._outcomes: set[str] = set()
        self._inputs: list[bytes] = []
        self._defects: set[str] = set()
        self._slip = slip
        self._kept = kept
        self._begun = False

    @property
    def reach(self) -> str:
        """What was reached so far, in words."""
        return f"{self._coverage.steps} steps, {len(self._outcomes)} outcomes, {len(self._inputs)} inputs"

    def explore(self, seconds: float, report: Callable[[Finding], None]) -> None:
        """Try inputs for so long; the first time all that is kept, then changed ones."""
        end = time.monotonic() + seconds
        if not self._begun:
            self._begun = True
            for data in (*self.target.seeds, *found_inputs(self.target.name), *self._read_kept()):
                self._try(data, report)
        while time.monotonic() < end:
            inputs = self._inputs or list(self.target.seeds)
            # The newest are where something is to be found.
            near = inputs[-20:] if self._chance.random() < 0.3 else inputs
            self._try(self._mutator.change(self._chance.choice(near), inputs), report)

    def _try(self, data: bytes, report: Callable[[Finding], None]) -> None:
        self._slip.write(self.target.name, data)
        self.executions += 1
        # The default action of the signal ends the process, native code included: the watcher sees it.
        signal.setitimer(signal.ITIMER_PROF, self.target.cpu_s_max)
        outcome = ""
        try:
            with self._coverage.following():
                outcome = self.target.outcome(data)
        except Exception as error:  # noqa: BLE001  the boundary: whatever it is, it is reported
            self._report_once(error, data, report)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        _check_memory(self.target.name, data, report)
        if self._coverage.keep_new() or outcome not in self._outcomes:
            self._outcomes.add(outcome)
            self._keep(data)

    def _report_once(self, error: Exception, data: bytes, report: Callable[[Finding], None]) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        defect = f"{type(error).__name__} {last.filename} {last.lineno}"
        if defect not in self._defects:
            self._defects.add(defect)
            report(Finding(self.target.name, "exception", "".join(traceback.format_exception(error)), data))

    def _keep(self, data: bytes) -> None:
        if len(self._inputs) >= _INPUTS_MAX:
            del self._inputs[self._chance.randrange(_INPUTS_MAX)]
        self._inputs.append(data)
        if self._kept is not None:
            (self._kept / f"{self.executions:09}-{self._chance.randrange(16**6):06x}").write_bytes(data)

    def _read_kept(self) -> list[bytes]:
        if self._kept is None:
            return []
        self._kept.mkdir(parents=True, exist_ok=True)
        files = sorted(self._kept.iterdir())[-_INPUTS_MAX:]
        contents = [file.read_bytes() for file in files]
        for file in files:
            file.unlink()
        return contents


class MemoryPassedError(Exception):
    """The process has grown beyond its limit, and would show every later input as too large."""


def largest_resident_bytes() -> int:
    """Tell how large this program has been. What `getrusage` tells began with the program that started this one.

    Source: proc_pid_status(5), VmHWM.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    raise RuntimeError("the system does not tell how large a process has been")


def _check_memory(name: str, data: bytes, report: Callable[[Finding], None]) -> None:
    """Report an input after which the process has been too large, and end it.

    Raises:
        MemoryPassedError: after the report.
    """
    largest = largest_resident_bytes()
    if largest > MEMORY_BYTES_MAX:
        report(Finding(name, "memory", f"{largest >> 20} MiB resident", data))
        raise MemoryPassedError

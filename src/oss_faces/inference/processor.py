import os
import platform
from pathlib import Path
from typing import Final

_CPU_FILE: Final = Path("/proc/cpuinfo")
# Products of bfloat16 in one step: by vector, and by tile. Without them sums are rounded one by one, which is slower.
_BFLOAT16: Final = ("avx512_bf16", "amx_bf16")


def processor_name(file: Path = _CPU_FILE) -> str:
    """Name the processor, and how many of them there are."""
    return f"{len(os.sched_getaffinity(0))} x {_field('model name', file) or platform.machine()}"


def bfloat16_instructions(file: Path = _CPU_FILE) -> tuple[str, ...]:
    """List the instructions for bfloat16 that the processor has; none where the system does not say."""
    flags = _field("flags", file).split()
    return tuple(name for name in _BFLOAT16 if name in flags)


def _field(name: str, file: Path) -> str:
    """Read a field of the first processor."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in found if key.strip() == name), "")

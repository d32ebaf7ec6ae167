from pathlib import Path

import pytest

from oss_faces.inference.processor import bfloat16_instructions, processor_name


@pytest.mark.parametrize(
    ("flags", "instructions"),
    [
        ("fpu avx512f avx512_bf16 amx_bf16 amx_tile", ("avx512_bf16", "amx_bf16")),
        ("fpu avx512f avx512_bf16", ("avx512_bf16",)),
        ("fpu avx512f avx512_vnni amx_bf16_of_another_name", ()),
    ],
)
def test_instructions_are_read_from_the_flags(tmp_path: Path, flags: str, instructions: tuple[str, ...]) -> None:
    """Whole words count, those of the first processor."""
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nmodel name\t: Fast One\nflags\t\t: {flags}\nvmx flags\t: avx512_bf16\n")
    assert bfloat16_instructions(file) == instructions
    assert processor_name(file).endswith(" x Fast One")


def test_a_system_that_says_nothing_has_none(tmp_path: Path) -> None:
    """The processor is then called by its family."""
    assert bfloat16_instructions(tmp_path / "absent") == ()
    assert processor_name(tmp_path / "absent").partition(" x ")[2]

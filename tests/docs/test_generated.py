"""The generated parts of the manual are what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("generator", sorted(DOCS.glob("generate_*.py")), ids=lambda path: path.stem)
def test_page_is_up_to_date(generator: Path) -> None:
    """Each generator, asked to check, finds its page as it would write it."""
    for report in re.findall(r'"reports" / "([\w.]+)"', generator.read_text(encoding="utf-8")):
        if not (DOCS.parent / "reports" / report).exists():
            pytest.skip(f"needs reports/{report}, which `make eval` or `make bench` writes")
    done = subprocess.run(
        [sys.executable, str(generator), "--check"], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr

"""The limits that keep every file readable in one sitting."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "evaluation", "training", "benchmarks", "demo", "docs")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def test_all_files_are_looked_at() -> None:
    """The list is not empty by a mistake in a path."""
    assert ROOT / "src" / "oss_faces" / "app.py" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_module_and_no_function_is_too_long(file: Path) -> None:
    """A module has at most 500 lines, a function at most 70."""
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE_LINES_MAX
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long

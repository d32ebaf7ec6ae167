"""What lies ready in packaging/ says how far it was tried, and names only what there is."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from oss_faces.cli.serve import serve
from oss_faces.config import FREE_NAMES, read_settings

PACKAGING: Final = Path(__file__).parents[2] / "packaging"
FILES: Final = sorted(path for path in PACKAGING.rglob("*") if path.is_file() and path.suffix != ".example")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_first_line_says_that_it_is_untested(path: Path) -> None:
    """Whoever opens the file knows before anything else."""
    assert path.read_text().splitlines()[0].startswith("# Untested")


def test_the_settings_of_the_manifest_are_read(tmp_path: Path) -> None:
    """The settings in the ConfigMap are settings of this version, each with a value that it takes."""
    text = (PACKAGING / "kubernetes" / "oss-faces.yaml").read_text()
    block = re.search(r"oss-faces\.toml: \|\n((?:    .*\n|\n)+)", text)
    assert block is not None
    assert "[mounts.buckets.photos]" in block[1]
    (tmp_path / "oss-faces.toml").write_text(dedent(block[1]))
    assert read_settings(tmp_path / "oss-faces.toml", {}, {}).server.drain_s == 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_in_the_environment_exist(path: Path) -> None:
    """Each variable with our prefix names a section and a key of it."""
    for name in set(re.findall(r"OSS_FACES_[A-Z_]+[A-Z]", path.read_text())) - FREE_NAMES:
        section, _, key = name.removeprefix("OSS_FACES_").lower().partition("__")
        assert hasattr(getattr(read_settings(None, {}, {}), section), key), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_flags_exist(path: Path) -> None:
    """Each flag behind `serve` is one of its own."""
    known = {flag for option in serve.params for flag in option.opts}
    for line in re.findall(r"\bserve,? (--.*)$", path.read_text(), re.MULTILINE):
        assert set(re.findall(r"--[a-z-]+", line)) <= known, line

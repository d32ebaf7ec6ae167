"""Packages that are not wanted."""

import importlib
import sys

import pytest

from oss_faces.absent import absent


def test_a_package_is_missing_in_the_block_and_there_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imports it later finds it."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with absent("colorsys"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_a_package_that_is_imported_already_stays() -> None:
    """It is too late to do without."""
    with absent("json"):
        assert importlib.import_module("json").dumps(1) == "1"
    assert "json" in sys.modules

"""A folder's public names, each imported when it is asked for first.

What a folder offers is listed in its `exports.py`: import statements, which a type checker follows. Nobody runs them
here; they are read, and of all the modules that they name the one is imported that has the name asked for. So whoever
needs one thing of a folder pays for nothing else: a server reads its settings before it imports anything that they are
about, and its process in front has nothing of what only the workers do.
"""

import ast
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def late_import(package: str) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package, which Python asks for names that are not there yet.

    A type checker never runs this, and is shown the same names: so it finds a name that there is not.

    Args:
        package: its `__name__`.
    """

    @cache
    def homes() -> Mapping[str, str]:
        return read_homes(package)

    def get(name: str) -> Any:
        """Import on first use, and be asked no more."""
        # `__path__` and the like are asked for, too. A module of the folder is imported by Python itself, when it
        # hears that there is no such name.
        if name.startswith("_") or name not in homes():
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        found = getattr(import_module(homes()[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    return get


def read_homes(package: str) -> Mapping[str, str]:
    """Read in which module each public name of a package is, from its `exports.py`, which is not run."""
    spec = find_spec(f"{package}.exports")
    assert spec is not None, "a folder whose names come late has an exports.py"
    assert spec.origin is not None, "which is a file"
    with open(spec.origin, encoding="utf-8") as file:  # noqa: PTH123  (what starts imports little)
        statements = ast.parse(file.read()).body
    found = [statement for statement in statements if isinstance(statement, ast.ImportFrom)]
    return {name.name: statement.module or package for statement in found for name in statement.names}

"""A folder's public names, imported when one is asked for first.

What a folder offers, it imports in its `exports.py`. Whoever only needs its settings imports `settings.py` and pays
for nothing else: a server reads its settings before it imports anything that they are about.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

_EXPORTS: Final = "exports"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def late_import(package: str, homes: Mapping[str, str] = _NOTHING) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package, which Python asks for names that are not there yet.

    A type checker never runs this, and is shown the same names: so it finds a name that there is not.

    Args:
        package: its `__name__`.
        homes: public names that are not imported with the others -> the module in which each is.
    """

    def get(name: str) -> Any:
        """Import on first use, and be asked no more."""
        # A module of the folder is imported by Python itself, when it hears that there is no such name. It must not
        # wait for `exports`, which may be waiting for the one that asks. `__path__` and the like are asked for, too.
        if name.startswith("_") or find_spec(f"{package}.{name}") is not None:
            raise _missing(package, name)
        module = import_module(f"{package}.{homes.get(name, _EXPORTS)}")
        found = {one: getattr(module, one) for one in ((name,) if name in homes else module.__all__)}
        if name not in found:
            raise _missing(package, name)
        vars(sys.modules[package]).update(found)
        return found[name]

    return get


def _missing(package: str, name: str) -> AttributeError:
    return AttributeError(f"module {package!r} has no attribute {name!r}", name=name)

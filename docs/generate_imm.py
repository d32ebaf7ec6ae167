"""Write the tables of errors of docs/imm.md from the error classes: `python docs/generate_imm.py [--check]`."""

import inspect
from pathlib import Path
from typing import Final

from marked_region import keep

from oss_faces import errors, imm_errors
from oss_faces.errors import ConfigurationError, OssFacesError
from oss_faces.imm_errors import ImmError, MissingParameter, imm_form

PAGE: Final = Path(__file__).with_name("imm.md")

_GENERAL: Final = ("InvalidArgument", 400)


def main() -> None:
    """Bring the page up to date, or check it."""
    keep(PAGE, f"{_own()}\n{_others()}")


def _own() -> str:
    rows = [_own_row(kind) for kind in _leaves(imm_errors, ImmError)]
    return f"| Code | HTTP | when |\n|---|---|---|\n{''.join(rows)}"


def _own_row(kind: type[ImmError]) -> str:
    is_missing = kind is MissingParameter
    form = imm_form(MissingParameter("<Parameter>") if is_missing else kind())
    when = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
    return f"| `{form.code}` | {form.http_status} | {when} |\n"


def _others() -> str:
    """List the errors that both services have by how they read here."""
    found: dict[tuple[str, int], list[str]] = {}
    for kind in _leaves(errors, OssFacesError):
        if kind is not ConfigurationError:
            form = imm_form(kind())
            found.setdefault((form.code, form.http_status), []).append(f"`{kind.__name__}`")
    found[_GENERAL] = ["every other mistake in a request, and a picture that cannot be analysed"]
    assert len(found) > 1, "the errors of both services are not found"
    rows = [f"| `{code}` | {status} | {', '.join(names)} |\n" for (code, status), names in found.items()]
    head = "| Code | HTTP | error |\n|---|---|---|\n"
    return f"Errors that both services have ([what they mean](errors.md)) read so:\n\n{head}{''.join(rows)}"


def _leaves(module: object, root: type[OssFacesError]) -> list[type]:
    """Give the classes of a module or of those inside it that are raised themselves, in their order."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, root)]
    own = getattr(module, "__name__", "")
    return [kind for kind in kinds if f"{kind.__module__}.".startswith(f"{own}.") and not kind.__subclasses__()]


main()

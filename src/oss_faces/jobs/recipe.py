"""By what a picture was described: whoever changes any of it has every picture described again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

OPERATIONS: Final = ("faces", "expressions", "index")
Operation = Literal["faces", "expressions", "index"]

_DIGITS: Final = 16
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """The operation, the networks and the settings that rows follow from.

    Attributes:
        models: `name@version` of every network that takes part.
        settings: names and values, as JSON has them, of all settings that can change a row.
    """

    operation: Operation
    models: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A short name, the same for the same recipe everywhere."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:_DIGITS]

    @property
    def text(self) -> str:
        """All of it as JSON."""
        document = {"operation": self.operation, "models": self.models, "settings": self.settings}
        return json.dumps(document, sort_keys=True, default=str)


def state_of(key: str, etag: str, recipe: str, *, is_final: bool = True) -> bytes:
    """Name one state of one picture under one recipe, in 16 bytes; a try that is to be repeated has a name of its own.

    Args:
        recipe: its name.
    """
    text = "\0".join((key, etag, recipe, "" if is_final else "again"))
    return hashlib.sha256(text.encode()).digest()[:_DIGEST_BYTES]

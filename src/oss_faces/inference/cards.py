"""What the package knows of its networks beside their files: the cards and figures of the manual."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parents[1] / "models" / "cards.json"


@dataclass(frozen=True, slots=True)
class Cards:
    """Made by `docs/generate_cards.py`.

    Attributes:
        by_model: of a network's name, its card: `title` and `text`, which is Markdown.
        fields: the fields of a face, each with what is measured about it, as the README shows them.
    """

    by_model: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fields: tuple[Mapping[str, Any], ...] = ()


def read_cards() -> Cards:
    """Read the file that lies in the package."""
    document = json.loads(_FILE.read_bytes())
    return Cards(document["cards"], tuple(document["fields"]))

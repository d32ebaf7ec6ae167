"""Write the table of fields of docs/datasets.md: `python docs/generate_datasets.py [--check]`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from marked_region import keep

from oss_faces.datasets import FIGURE_FIELDS, FIGURES, FILE_FIELDS, LABEL_FIELDS, TEXT_FIELDS, FieldKind

PAGE: Final = Path(__file__).with_name("datasets.md")

_KINDS: Final = {FieldKind.TEXT: "texts", FieldKind.NUMBER: "numbers", FieldKind.TIME: "times"}


def main() -> None:
    """Bring the page up to date, or check it."""
    labels = [f"{name}.` and a key" for name in LABEL_FIELDS]
    rows = [
        *_rows("of a file", FILE_FIELDS),
        f"| of a file, texts, not to be sorted by or counted | {_names(TEXT_FIELDS)} |\n",
        f"| of a file, texts, not to be sorted by or counted | `{', `'.join(labels)} |\n",
        *_rows(f"of a face, after `{FIGURES}.`", FIGURE_FIELDS),
    ]
    keep(PAGE, f"| what | fields |\n|---|---|\n{''.join(rows)}")


def _rows(what: str, fields: Mapping[str, FieldKind]) -> list[str]:
    found = {kind: [name for name, own in fields.items() if own is kind] for kind in FieldKind}
    return [f"| {what}, {_KINDS[kind]} | {_names(names)} |\n" for kind, names in found.items() if names]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


main()

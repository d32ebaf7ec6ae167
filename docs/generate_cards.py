"""Write the cards and figures that the package carries: `python docs/generate_cards.py [--check]`.

Cards come from docs/models/, fields from docs/fields.toml, figures from the rows in reports/.
"""

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FIELDS: Final = Path(__file__).with_name("fields.toml")
CARDS: Final = Path(__file__).with_name("models")
FILE: Final = ROOT / "src" / "oss_faces" / "models" / "cards.json"

Entry = Mapping[str, Any]


def main() -> None:
    """Bring the file up to date, or check it."""
    document = {"cards": _cards(), "fields": _fields()}
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE} is stale; run: python {sys.argv[0]}")


def _cards() -> dict[str, dict[str, str]]:
    """Give each card by the name of its network, which stands in its title."""
    cards = {}
    for page in sorted(CARDS.glob("*.md")):
        title, _, text = page.read_text(encoding="utf-8").partition("\n")
        cards[title.partition("`")[2].partition("`")[0]] = {
            "title": title.removeprefix("#").strip(),
            "text": text.strip(),
        }
    return cards


def _fields() -> list[dict[str, object]]:
    table = tomllib.loads(FIELDS.read_text(encoding="utf-8"))
    rows = [row for file in sorted((ROOT / "reports").glob("*.json")) for row in json.loads(file.read_text())]
    figures = {f"{row['what']} {row['set']} {row['metric']}": row for row in rows if "what" in row}
    return [
        {
            **{name: field[name] for name in ("name", "range", "en", "zh")},
            "figures": [_figure(figure, figures) for figure in field.get("figures", ()) if figure[0] in figures],
        }
        for field in table["field"]
    ]


def _figure(figure: Sequence[str], figures: Mapping[str, Entry]) -> dict[str, object]:
    name, english, chinese = figure
    row = figures[name]
    return {"en": english, "zh": chinese, **{key: row[key] for key in ("value", "low", "high", "n", "set", "unit")}}


main()

"""Write the tables of fields in the READMEs: `python docs/generate_fields.py [--check]`.

Names, ranges and meanings come from docs/fields.toml, figures from the rows in reports/.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from marked_region import keep

ROOT: Final = Path(__file__).parents[1]
FIELDS: Final = Path(__file__).with_name("fields.toml")
PAGES: Final = {"README.md": "en", "README.zh-TW.md": "zh"}

Entry = Mapping[str, Any]


def main() -> None:
    """Bring both pages up to date, or check them."""
    table = tomllib.loads(FIELDS.read_text(encoding="utf-8"))
    rows = [row for file in sorted((ROOT / "reports").glob("*.json")) for row in json.loads(file.read_text())]
    # The report of the conformance run tells results, not figures.
    figures = {f"{row['what']} {row['set']} {row['metric']}": row for row in rows if "what" in row}
    for page, language in PAGES.items():
        words = table["words"][language]
        lines = [_line(field, language, words, figures) for field in table["field"]]
        keep(ROOT / page, "\n".join([words["head"], "|---|---|---|---|", *lines, ""]))


def _line(field: Entry, language: str, words: Mapping[str, str], figures: Mapping[str, Entry]) -> str:
    span = field.get(f"range_{language}", field["range"])
    shown = [_figure(figure, language, words, figures) for figure in field.get("figures", ())]
    return f"| `{field['name']}` | {span} | {field[language]} | {'<br>'.join(shown)} |"


def _figure(figure: Sequence[str], language: str, words: Mapping[str, str], figures: Mapping[str, Entry]) -> str:
    """Write one figure with its interval, size and set; one that was not measured says so."""
    name, english, chinese = figure
    label = english if language == "en" else chinese
    row = figures.get(name)
    if row is None:
        return f"{label}{words['colon']}{words['missing']}"
    digits, unit = {"fraction": (3, ""), "years": (1, f" {words['years']}"), "degrees": (1, "°")}[row["unit"]]
    value, low, high = (f"{row[column]:.{digits}f}" for column in ("value", "low", "high"))
    return f"{label}{words['colon']}**{value}{unit}** ({low}..{high}), {row['n']}, `{row['set']}`"


main()

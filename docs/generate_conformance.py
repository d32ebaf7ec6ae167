"""Write docs/conformance.md from reports/conformance.json: `python docs/generate_conformance.py [--check]`."""

import json
from pathlib import Path
from typing import Final

from marked_region import keep

PAGE: Final = Path(__file__).with_name("conformance.md")
REPORT: Final = Path(__file__).parents[1] / "reports" / "conformance.json"

Row = dict[str, str]


def main() -> None:
    """Write the page, or check it."""
    rows: list[Row] = json.loads(REPORT.read_text(encoding="utf-8"))
    keep(PAGE, f"{_versions(rows)}\n{_results(rows)}")


def _versions(rows: list[Row]) -> str:
    """One line for each client, with the count of its results."""
    lines = ["| client | package | version | PASS | FAIL | NA |", "|---|---|---|---|---|---|"]
    for name in dict.fromkeys(row["client"] for row in rows):
        own = [row for row in rows if row["client"] == name]
        counts = [str(sum(row["result"] == result for row in own)) for result in ("PASS", "FAIL", "NA")]
        lines.append(f"| {name} | `{own[0]['package']}` | {own[0]['version']} | {' | '.join(counts)} |")
    return "\n".join(lines) + "\n"


def _results(rows: list[Row]) -> str:
    """One line for each operation, one column for each client."""
    clients = list(dict.fromkeys(row["client"] for row in rows))
    results = {(row["operation"], row["client"]): row["result"] for row in rows}
    claims = {row["operation"]: row["claim"] for row in rows}
    head = f"| operation | {' | '.join(clients)} | what is claimed |\n|---|{'---|' * len(clients)}---|\n"
    lines = [
        f"| `{operation}` | {' | '.join(results.get((operation, name), '') for name in clients)} | {claim} |\n"
        for operation, claim in claims.items()
    ]
    return head + "".join(lines)


if __name__ == "__main__":
    main()

"""Write the table of docs/clusters.md from the report of identity: `python docs/generate_clusters.py [--check]`."""

import json
from pathlib import Path
from typing import Any, Final

from marked_region import keep

PAGE: Final = Path(__file__).with_name("clusters.md")
REPORT: Final = Path(__file__).parents[1] / "reports" / "identity.json"
WHAT: Final = "cluster"
SHARES: Final = ("pair_precision", "pair_recall", "pair_recall_of_three")


def main() -> None:
    """Bring the page up to date, or check it."""
    rows = [row for row in json.loads(REPORT.read_text(encoding="utf-8")) if row["what"] == WHAT]
    told = {(row["set"], row["metric"]): row for row in rows}
    settings = [
        (row["set"], row["metric"].removeprefix("pair_precision"))
        for row in rows
        if row["metric"].startswith("pair_precision")
    ]
    lines = [
        "| set | `linkage_similarity` | clusters | precision | recall | recall of persons with three pictures |\n",
        "|---|---|---:|---:|---:|---:|\n",
        *(_line(told, of, at) for of, at in settings),
    ]
    orders = [f"{row['value']:.2f} on `{row['set']}`" for row in rows if row["metric"].startswith("order_f1")]
    lines.append(f"\nShuffled, in ten calls, against one call (pairwise F): {' and '.join(orders)}.\n")
    keep(PAGE, "".join(lines))


def _line(told: dict[tuple[str, str], dict[str, Any]], of: str, at: str) -> str:
    clusters = told[of, f"clusters{at}"]["value"]
    shares = " | ".join(
        _share(told[of, name + at]) for name in ("pair_precision", "pair_recall", "pair_recall_of_three")
    )
    return f"| `{of}` | {at.strip('[]').removeprefix('similarity=')} | {clusters:.0f} | {shares} |\n"


def _share(row: dict[str, Any]) -> str:
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


main()

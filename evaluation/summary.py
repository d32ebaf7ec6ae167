from collections.abc import Iterable
from pathlib import Path

from evaluation.rows import Row


def write_summary(path: Path, title: str, rows: Iterable[Row]) -> None:
    """Write the rows of a report as a Markdown table."""
    lines = [
        f"# {title}",
        "",
        "Value with its 95 % bootstrap interval. Made by `make eval`.",
        "",
        "| what | set | metric | value | interval | n | unit |",
        "|---|---|---|---:|---|---:|---|",
    ]
    lines += [
        f"| {row.what} | {row.set} | {row.metric} | {row.value:.4g} | {row.low:.4g} to {row.high:.4g} "
        f"| {row.n} | {row.unit} |"
        for row in rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

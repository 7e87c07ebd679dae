"""What the service tells of a file: what became of every row."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN_ROWS = 30


def counts(report: Mapping[str, Any], *names: str) -> str:
    return ", ".join(f"{name} {report[name]}" for name in names)


def flagged(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"row": row["row"], "code": ", ".join(row["flags"])} for row in rows]


def show_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row with its fate; of very many the first."""
    if not rows:
        return
    console = Console()
    table = Table("row", "code", "why", title=f"{title} ({len(rows)})", title_justify="left")
    for row in rows[:SHOWN_ROWS]:
        table.add_row(str(row["row"]), row.get("code") or row.get("fate"), row.get("detail") or row.get("reason"))
    console.print(table)
    if len(rows) > SHOWN_ROWS:
        console.print(f"… and {len(rows) - SHOWN_ROWS} more; --json shows all")


def show_sums(report: dict[str, Any]) -> None:
    sums = Table("", "rows", report["unit"], "g", title="would be stored" if report["dry_run"] else "weighings")
    for name in ("stored", "duplicate", "rejected", "file"):
        sums.add_row(name, str(report[name]["rows"]), report[name]["value"], report[name]["grams"])
    Console().print(sums)

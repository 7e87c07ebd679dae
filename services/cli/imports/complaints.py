"""sanitation import complaints FILE."""

import json
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console

from services.cli.imports.options import AsJson, Columns, DecimalMark, DryRun, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import counts, flagged, show_rows
from services.cli.imports.sending import send


def complaints(
    file: File,
    source: Annotated[str, typer.Option(help="names the city; the same request again is a duplicate")],
    category: Annotated[list[str] | None, typer.Option(metavar="SERVICE=CODE", help="its service name → our category")] = None,
    column: Columns = None,
    zone: Annotated[str | None, typer.Option(help="of times that name none, e.g. America/New_York")] = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import another city's Open311 requests from JSON, CSV or a workbook; every one is stored, a duplicate or rejected."""
    options = {
        "source": source,
        "categories": pairs_of(category),
        "mapping": pairs_of(column),
        "zone": zone,
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = send("/v1/complaint-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    flags = Counter(flag for row in report["named"] for flag in row["flags"])
    console = Console()
    console.print(f"{counts(report, 'rows', 'stored', 'duplicates')}, rejected {len(report['rejected'])}; {dict(flags)}")
    for code, cases in sorted(report["by_category"].items()):
        console.print(f"  {code}: {cases}")
    show_rows("rejected", report["rejected"])
    show_rows("stored, but odd", flagged(report["named"]))

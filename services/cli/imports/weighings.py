"""sanitation import weighings FILE."""

import json
from typing import Annotated

import typer

from services.cli.imports.options import UNITS, AsJson, DecimalMark, DryRun, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import flagged, show_rows, show_sums
from services.cli.imports.sending import send


def weighings(
    file: File,
    source: Annotated[str, typer.Option(help="names the data set; its rows again are duplicates")],
    column: Annotated[
        list[str], typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="at, weight, stream, site, number, reported_on")
    ],
    unit: Annotated[str, typer.Option(help=f"{UNITS}: what the file's weights are in")],
    zone: Annotated[str, typer.Option(help="of times that name none, e.g. Asia/Shanghai")] = "UTC",
    stream: Annotated[list[str] | None, typer.Option(metavar="WORD=CODE", help="e.g. ORGANICS=food")] = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import weighings of another system from CSV, a workbook or JSON; every row is stored, a duplicate or rejected."""
    options = {
        "source": source,
        "mapping": pairs_of(column),
        "unit": unit,
        "zone": zone,
        "streams": pairs_of(stream),
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = send("/v1/weighing-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    show_sums(report)
    show_rows("rejected", report["rejected_rows"])
    show_rows("stored, but odd", flagged(report["named"]))

"""sanitation import timetable FILE."""

import json
from typing import Annotated

import typer
from rich.console import Console

from services.cli.imports.options import AsJson, Columns, Datum, DecimalMark, DryRun, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import show_rows
from services.cli.imports.sending import send


def timetable(
    file: File,
    column: Columns = None,
    default: Annotated[list[str] | None, typer.Option(metavar="FIELD=VALUE", help="for fields that no column holds")] = None,
    datum: Datum = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import a timetable from CSV, a workbook, JSON or GeoJSON; every row becomes a stop or a rejection with its reason."""
    options = {
        "mapping": pairs_of(column),
        "defaults": pairs_of(default),
        "datum": datum,
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = send("/v1/timetable-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    verb = "would become" if report["dry_run"] else "became"
    fates = f"{report['rows']} rows {verb} {report['stops']} stops of {report['routes']} routes"
    Console().print(f"{fates}; {len(report['rejected'])} rejected")
    for title in ("rejected", "warnings"):
        show_rows(title, report[title])

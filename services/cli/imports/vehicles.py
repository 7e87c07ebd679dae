"""sanitation import vehicles FILE."""

import json

import typer

from services.cli.imports.options import AsJson, Columns, DecimalMark, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import show_rows
from services.cli.imports.sending import send


def vehicles(
    file: File,
    column: Columns = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Create or update vehicles from CSV, a workbook or JSON; columns are named as in the API, or by --map."""
    options = {"mapping": pairs_of(column), "decimal_mark": decimal_mark, "encoding": encoding, "sheet": sheet}
    report = send("/v1/vehicle-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    typer.echo(json.dumps({name: report[name] for name in ("created", "updated", "unchanged")}))
    if report["ignored_columns"]:
        typer.echo(f"columns that mean nothing here: {', '.join(report['ignored_columns'])}")
    show_rows("rejected", report["rejected"])

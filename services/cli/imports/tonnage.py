"""sanitation import tonnage FILE."""

import json
from typing import Annotated

import typer
from rich.console import Console

from services.cli.imports.options import UNITS, AsJson, DecimalMark, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import counts, show_rows
from services.cli.imports.sending import send


def tonnage(
    file: File,
    source: Annotated[str, typer.Option(help="names the data set; its rows again change nothing")],
    material: Annotated[list[str], typer.Option(metavar="COLUMN=STREAM", help="which column holds which stream's weight")],
    unit: Annotated[str, typer.Option(help=f"{UNITS}: what the file's weights are in")],
    month: Annotated[str, typer.Option(help="the column of the month")] = "month",
    district: Annotated[list[str] | None, typer.Option(help="the columns of the district")] = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Import a history of monthly tonnage from CSV, a workbook or JSON; the totals are the file's own sums."""
    options = {
        "source": source,
        "materials": pairs_of(material),
        "unit": unit,
        "month": month,
        "district": district or ["district"],
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
    }
    report = send("/v1/tonnage-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    Console().print(counts(report, "rows", "stored", "unchanged"))
    show_rows("not stored", report["others"])

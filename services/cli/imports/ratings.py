"""sanitation import ratings FILE."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.connect import with_city
from services.cli.imports.options import AsJson, DecimalMark, Encoding, File, Sheet, pairs_of
from services.cli.imports.reports import counts, show_rows
from services.cli.imports.sending import query_of
from shared.client import ApiClient
from shared.settings import Settings


def ratings(
    file: File,
    source: Annotated[str, typer.Option(help="names the data set; its rows again change nothing")],
    column: Annotated[
        list[str],
        typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="month, area, streets, sidewalks, streets_previous_month, …"),
    ],
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Import another city's monthly ratings; every row's fate is told, and if what it says of earlier months holds."""
    options = {
        "source": source,
        "columns": pairs_of(column),
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
    }
    content = file.read_bytes()

    async def post(city: ApiClient) -> dict[str, Any]:
        report: dict[str, Any] = await city.post_file("/v1/rating-imports", content, query_of(options))
        return {"import": report, "reproduction": await city.get(f"/v1/reference-ratings/{source}")}

    report = with_city(Settings(), post)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    console, told = Console(), report["import"]
    console.print(f"{counts(told, 'rows', 'stored', 'unchanged')}, without a figure {len(told['unrated'])}")
    show_rows("not stored", told["others"])
    table = Table("column", "agrees", "%", "differs", "both blank", "no earlier row", title="said of earlier months")
    for one in report["reproduction"]["columns"]:
        sums = [str(sum(one[name].values())) for name in ("differs", "unchecked")]
        table.add_row(one["column"], str(one["agrees"]), one["share"], sums[0], str(one["both_blank"]), sums[1])
    console.print(table)

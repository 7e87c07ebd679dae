"""sanitation import vehicles|timetable|districts|sections|weighings|tonnage|complaints|ratings FILE.

The file is sent as it is: the service reads it, whatever it was saved as, and tells what became of every row.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.connect import with_city
from shared.client import ApiClient
from shared.settings import Settings

app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Columns = Annotated[list[str] | None, typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="e.g. time=schedule_time")]
Datum = Annotated[
    str | None, typer.Option(help="what the coordinates are measured in: WGS-84, CGCS2000, GCJ-02, BD-09 by any usual name")
]
DecimalMark = Annotated[
    str | None, typer.Option(metavar=". or ,", help="what stands before decimals, where the file does not tell")
]
Encoding = Annotated[str | None, typer.Option(help="of the text, where it is told wrong, e.g. big5")]
Sheet = Annotated[str | None, typer.Option(help="of a workbook; else the first that is not empty")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only report what would be rejected and why")]
AsJson = Annotated[bool, typer.Option("--json", help="the whole report, every row of it")]
SHOWN_ROWS = 30
UNITS = "kg, t, lb or short_ton"


@app.command()
def vehicles(
    file: File,
    column: Columns = None,
    decimal_mark: DecimalMark = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Create or update vehicles from CSV, a workbook or JSON; columns are named as in the API, or by --map."""
    options = {"mapping": _pairs(column), "decimal_mark": decimal_mark, "encoding": encoding, "sheet": sheet}
    report = _sent("/v1/vehicle-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    typer.echo(json.dumps({name: report[name] for name in ("created", "updated", "unchanged")}))
    if report["ignored_columns"]:
        typer.echo(f"columns that mean nothing here: {', '.join(report['ignored_columns'])}")
    _show_rows("rejected", report["rejected"])


@app.command()
def districts(file: File, column: Columns = None, datum: Datum = None) -> None:
    """Create or update districts from GeoJSON, properties district_id, name_zh, name_en or by --map: shapes for the map."""
    _require_geojson(file)
    typer.echo(json.dumps(_sent("/v1/district-imports", file, {"mapping": _pairs(column), "datum": datum})))


@app.command()
def sections(
    file: File,
    column: Columns = None,
    default: Annotated[list[str] | None, typer.Option(metavar="FIELD=VALUE", help="where a feature has none")] = None,
    datum: Datum = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Create or update road sections from GeoJSON lines, properties section_id, name, road_level (1 to 4), district_id."""
    _require_geojson(file)
    options = {"mapping": _pairs(column), "defaults": _pairs(default), "datum": datum, "dry_run": dry_run}
    report = _sent("/v1/section-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    typer.echo(json.dumps(report | {"rejected": len(report["rejected"])}, ensure_ascii=False))
    _show_rows("rejected", report["rejected"])


@app.command()
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
        "mapping": _pairs(column),
        "defaults": _pairs(default),
        "datum": datum,
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = _sent("/v1/timetable-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    verb = "would become" if report["dry_run"] else "became"
    fates = f"{report['rows']} rows {verb} {report['stops']} stops of {report['routes']} routes"
    Console().print(f"{fates}; {len(report['rejected'])} rejected")
    for title in ("rejected", "warnings"):
        _show_rows(title, report[title])


@app.command()
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
        "mapping": _pairs(column),
        "unit": unit,
        "zone": zone,
        "streams": _pairs(stream),
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = _sent("/v1/weighing-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    _show_sums(report)
    _show_rows("rejected", report["rejected_rows"])
    _show_rows("stored, but odd", _flagged(report["named"]))


@app.command()
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
        "materials": _pairs(material),
        "unit": unit,
        "month": month,
        "district": district or ["district"],
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
    }
    report = _sent("/v1/tonnage-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    Console().print(_counts(report, "rows", "stored", "unchanged"))
    _show_rows("not stored", report["others"])


@app.command()
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
        "categories": _pairs(category),
        "mapping": _pairs(column),
        "zone": zone,
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
        "dry_run": dry_run,
    }
    report = _sent("/v1/complaint-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    flags = Counter(flag for row in report["named"] for flag in row["flags"])
    console = Console()
    console.print(f"{_counts(report, 'rows', 'stored', 'duplicates')}, rejected {len(report['rejected'])}; {dict(flags)}")
    for code, cases in sorted(report["by_category"].items()):
        console.print(f"  {code}: {cases}")
    _show_rows("rejected", report["rejected"])
    _show_rows("stored, but odd", _flagged(report["named"]))


@app.command()
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
        "columns": _pairs(column),
        "decimal_mark": decimal_mark,
        "encoding": encoding,
        "sheet": sheet,
    }
    content = file.read_bytes()

    async def post(city: ApiClient) -> dict[str, Any]:
        told: dict[str, Any] = await city.post_file("/v1/rating-imports", content, _query(options))
        return {"import": told, "reproduction": await city.get(f"/v1/reference-ratings/{source}")}

    report = with_city(Settings(), post)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    console, told = Console(), report["import"]
    console.print(f"{_counts(told, 'rows', 'stored', 'unchanged')}, without a figure {len(told['unrated'])}")
    _show_rows("not stored", told["others"])
    table = Table("column", "agrees", "%", "differs", "both blank", "no earlier row", title="said of earlier months")
    for one in report["reproduction"]["columns"]:
        sums = [str(sum(one[name].values())) for name in ("differs", "unchecked")]
        table.add_row(one["column"], str(one["agrees"]), one["share"], sums[0], str(one["both_blank"]), sums[1])
    console.print(table)


# --- sending ----------------------------------------------------------------------------------------------------


def _sent(path: str, file: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    content = file.read_bytes()

    async def post(city: ApiClient) -> dict[str, Any]:
        report: dict[str, Any] = await city.post_file(path, content, _query(options))
        return report

    return with_city(Settings(), post)


def _query(options: Mapping[str, Any]) -> dict[str, Any]:
    """Dictionaries as FIELD=VALUE, once for each."""
    listed = {name: [f"{key}={one}" for key, one in value.items()] for name, value in options.items() if isinstance(value, dict)}
    return {**options, **listed}


def _pairs(given: list[str] | None) -> dict[str, str]:
    pairs = [item.partition("=") for item in given or []]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise typer.BadParameter(f"write FIELD=VALUE, not {wrong[0]}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _require_geojson(file: Path) -> None:
    from shared.tables_in.reading import read_features
    from shared.tables_in.table import UnreadableFile

    try:
        read_features(file.read_bytes())
    except UnreadableFile as error:
        raise typer.BadParameter(f"{file} is not GeoJSON: {error}") from error


# --- what is told ----------------------------------------------------------------------------------------------------


def _counts(report: Mapping[str, Any], *names: str) -> str:
    return ", ".join(f"{name} {report[name]}" for name in names)


def _flagged(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"row": row["row"], "code": ", ".join(row["flags"])} for row in rows]


def _show_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
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


def _show_sums(report: dict[str, Any]) -> None:
    sums = Table("", "rows", report["unit"], "g", title="would be stored" if report["dry_run"] else "weighings")
    for name in ("stored", "duplicate", "rejected", "file"):
        sums.add_row(name, str(report[name]["rows"]), report[name]["value"], report[name]["grams"])
    Console().print(sums)

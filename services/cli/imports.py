"""sanitation import vehicles|timetable|districts|sections|weighings|complaints|ratings FILE."""

import csv
import json
from collections import Counter
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
Datum = Annotated[str, typer.Option(help="WGS-84, GCJ-02 or BD-09: what the coordinates are measured in")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only report what would be rejected and why")]
SHOWN_ROWS = 30


@app.command()
def vehicles(file: File) -> None:
    """Create or update vehicles from a CSV (columns named as in the API) or JSON file."""
    entries = _entries(file)
    body = with_city(Settings(), lambda city: city.post("/v1/vehicle-imports", {"vehicles": entries}))
    typer.echo(json.dumps(body))


@app.command()
def districts(file: File) -> None:
    """Create or update districts from GeoJSON in WGS-84, properties district_id, name_zh, name_en: shapes for the map."""
    shapes = _geojson(file)
    body = with_city(Settings(), lambda city: city.post("/v1/district-imports", shapes))
    typer.echo(json.dumps(body))


@app.command()
def sections(file: File, datum: Datum = "WGS-84", dry_run: DryRun = False) -> None:
    """Create or update road sections from GeoJSON LineStrings, properties section_id, name, road_level (1 to 4), district_id."""
    asked = {"content": _geojson(file), "datum": datum, "dry_run": dry_run}
    body = with_city(Settings(), lambda city: city.post("/v1/section-imports", asked))
    typer.echo(json.dumps(body, ensure_ascii=False))


def _geojson(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not GeoJSON: {error}") from error


def _entries(file: Path) -> list[dict[str, Any]]:
    text = file.read_text("utf-8-sig")
    if file.suffix.lower() == ".json":
        data = json.loads(text)
        entries: list[dict[str, Any]] = data["vehicles"] if isinstance(data, dict) else data
        return entries
    return [_entry(row) for row in csv.DictReader(text.splitlines())]


def _entry(row: dict[str, str]) -> dict[str, Any]:
    """Empty cells are left out, weights are numbers, streams are separated by ; or |."""
    entry: dict[str, Any] = {name.strip(): value.strip() for name, value in row.items() if name and value and value.strip()}
    for name in ("tare_kg", "capacity_kg"):
        if name in entry:
            entry[name] = int(entry[name])
    if "waste_streams" in entry:
        entry["waste_streams"] = [part.strip() for part in entry["waste_streams"].replace("|", ";").split(";") if part.strip()]
    return entry


@app.command()
def timetable(
    file: File,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="e.g. time=schedule_time"),
    ] = None,
    default: Annotated[list[str] | None, typer.Option(metavar="FIELD=VALUE", help="for fields that no column holds")] = None,
    datum: Datum = "WGS-84",
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Import a timetable from CSV, JSON or GeoJSON; every row becomes a stop or a rejection with its reason."""
    kind = {".json": "json", ".geojson": "geojson"}.get(file.suffix.lower(), "csv")
    body = {
        "format": kind, "content": _decoded(file), "mapping": _pairs(column), "defaults": _pairs(default),
        "datum": datum, "dry_run": dry_run,
    }  # fmt: skip

    async def post(city: ApiClient) -> dict[str, Any]:
        report: dict[str, Any] = await city.post("/v1/timetable-imports", body)
        return report

    report = with_city(Settings(), post)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    _show(report)


@app.command()
def weighings(
    file: File,
    source: Annotated[str, typer.Option(help="names the data set; its rows again are duplicates")],
    column: Annotated[
        list[str], typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="at, weight, stream, site, number, reported_on")
    ],
    unit: Annotated[str, typer.Option(help="kg, t, lb or short_ton: what the file's weights are in")],
    zone: Annotated[str, typer.Option(help="of times that name none, e.g. Asia/Shanghai")] = "UTC",
    stream: Annotated[list[str] | None, typer.Option(metavar="WORD=CODE", help="e.g. ORGANICS=food")] = None,
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Import weighings of another system from CSV; every row is stored, a duplicate or rejected with its reason."""
    body = {
        "source": source, "content": _decoded(file), "mapping": _pairs(column), "unit": unit, "zone": zone,
        "streams": _pairs(stream), "dry_run": dry_run,
    }  # fmt: skip
    report = with_city(Settings(), lambda city: city.post("/v1/weighing-imports", body))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    _show_sums(report)


@app.command()
def complaints(
    file: File,
    source: Annotated[str, typer.Option(help="names the city; the same request again is a duplicate")],
    category: Annotated[list[str] | None, typer.Option(metavar="SERVICE=CODE", help="its service name → our category")] = None,
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Import another city's Open311 requests from JSON; every one is stored, a duplicate or rejected with its reason."""
    try:
        requests = json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not JSON: {error}") from error
    body = {"source": source, "requests": requests, "categories": _pairs(category), "dry_run": dry_run}
    report = with_city(Settings(), lambda city: city.post("/v1/complaint-imports", body))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    flags = Counter(flag for row in report["named"] for flag in row["flags"])
    console = Console()
    fates = ", ".join(f"{name} {report[name]}" for name in ("rows", "stored", "duplicates"))
    console.print(f"{fates}, rejected {len(report['rejected'])}; {dict(flags)} - --json names each row")
    for code, cases in sorted(report["by_category"].items()):
        console.print(f"  {code}: {cases}")


@app.command()
def ratings(
    file: File,
    source: Annotated[str, typer.Option(help="names the data set; its rows again change nothing")],
    column: Annotated[
        list[str],
        typer.Option("--map", "-m", metavar="FIELD=COLUMN", help="month, area, streets, sidewalks, streets_previous_month, …"),
    ],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Import another city's monthly ratings from CSV; every row's fate is told, and if what it says of earlier months holds."""
    body = {"source": source, "content": _decoded(file), "columns": _pairs(column)}

    async def post(city: ApiClient) -> dict[str, Any]:
        told: dict[str, Any] = await city.post("/v1/rating-imports", body)
        return {"import": told, "reproduction": await city.get(f"/v1/reference-ratings/{source}")}

    report = with_city(Settings(), post)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    console, told = Console(), report["import"]
    fates = ", ".join(f"{name} {told[name]}" for name in ("rows", "stored", "unchanged"))
    console.print(f"{fates}, without a figure {len(told['unrated'])}, others {len(told['others'])} - --json names each row")
    table = Table("column", "agrees", "%", "differs", "both blank", "no earlier row", title="said of earlier months")
    for one in report["reproduction"]["columns"]:
        sums = [str(sum(one[name].values())) for name in ("differs", "unchecked")]
        table.add_row(one["column"], str(one["agrees"]), one["share"], sums[0], str(one["both_blank"]), sums[1])
    console.print(table)


def _show_sums(report: dict[str, Any]) -> None:
    console = Console()
    sums = Table("", "rows", report["unit"], "g", title="would be stored" if report["dry_run"] else "weighings")
    for name in ("stored", "duplicate", "rejected", "file"):
        sums.add_row(name, str(report[name]["rows"]), report[name]["value"], report[name]["grams"])
    console.print(sums)
    why: dict[str, int] = {}
    for row in report["rejected_rows"]:
        why[row["code"]] = why.get(row["code"], 0) + 1
    for row in report["named"]:
        for flag in row["flags"]:
            why[flag] = why.get(flag, 0) + 1
    console.print(", ".join(f"{name}: {rows}" for name, rows in sorted(why.items())) or "nothing odd", "- --json names each row")


def _decoded(file: Path) -> str:
    from services.route.rules.reading import decoded

    return decoded(file.read_bytes())


def _pairs(given: list[str] | None) -> dict[str, str]:
    pairs = [item.partition("=") for item in given or []]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise typer.BadParameter(f"write FIELD=VALUE, not {wrong[0]}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _show(report: dict[str, Any]) -> None:
    console = Console()
    verb = "would become" if report["dry_run"] else "became"
    console.print(
        f"{report['rows']} rows {verb} {report['stops']} stops of {report['routes']} routes; {len(report['rejected'])} rejected"
    )
    for title in ("rejected", "warnings"):
        rows = report[title]
        if not rows:
            continue
        table = Table("row", "code", "why", title=f"{title} ({len(rows)})", title_justify="left")
        for row in rows[:SHOWN_ROWS]:
            table.add_row(str(row["row"]), row["code"], row["detail"])
        console.print(table)
        if len(rows) > SHOWN_ROWS:
            console.print(f"… and {len(rows) - SHOWN_ROWS} more; --json shows all")

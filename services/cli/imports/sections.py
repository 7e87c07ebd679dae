"""sanitation import sections FILE."""

import json
from typing import Annotated

import typer

from services.cli.imports.options import AsJson, Columns, Datum, DryRun, File, pairs_of, require_geojson
from services.cli.imports.reports import show_rows
from services.cli.imports.sending import send


def sections(
    file: File,
    column: Columns = None,
    default: Annotated[list[str] | None, typer.Option(metavar="FIELD=VALUE", help="where a feature has none")] = None,
    datum: Datum = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Create or update road sections from GeoJSON lines, properties section_id, name, road_level (1 to 4), district_id."""
    require_geojson(file)
    options = {"mapping": pairs_of(column), "defaults": pairs_of(default), "datum": datum, "dry_run": dry_run}
    report = send("/v1/section-imports", file, options)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    typer.echo(json.dumps(report | {"rejected": len(report["rejected"])}, ensure_ascii=False))
    show_rows("rejected", report["rejected"])

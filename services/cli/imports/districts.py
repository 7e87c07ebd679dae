"""sanitation import districts FILE."""

import json

import typer

from services.cli.imports.options import Columns, Datum, File, pairs_of, require_geojson
from services.cli.imports.sending import send


def districts(file: File, column: Columns = None, datum: Datum = None) -> None:
    """Create or update districts from GeoJSON, properties district_id, name_zh, name_en or by --map: shapes for the map."""
    require_geojson(file)
    typer.echo(json.dumps(send("/v1/district-imports", file, {"mapping": pairs_of(column), "datum": datum})))

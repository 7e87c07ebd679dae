"""What every import is told: a file, its columns, how it is written."""

from pathlib import Path
from typing import Annotated

import typer

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
UNITS = "kg, t, lb or short_ton"


def pairs_of(options: list[str] | None) -> dict[str, str]:
    pairs = [item.partition("=") for item in options or []]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise typer.BadParameter(f"write FIELD=VALUE, not {wrong[0]}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def require_geojson(file: Path) -> None:
    from shared.tables_in.reading import read_features
    from shared.tables_in.table import UnreadableFile

    try:
        read_features(file.read_bytes())
    except UnreadableFile as error:
        raise typer.BadParameter(f"{file} is not GeoJSON: {error}") from error

"""sanitation import: its commands."""

import typer

from services.cli.imports.complaints import complaints
from services.cli.imports.districts import districts
from services.cli.imports.ratings import ratings
from services.cli.imports.sections import sections
from services.cli.imports.timetable import timetable
from services.cli.imports.tonnage import tonnage
from services.cli.imports.vehicles import vehicles
from services.cli.imports.weighings import weighings

app = typer.Typer(no_args_is_help=True)
for command in (vehicles, districts, sections, timetable, weighings, tonnage, complaints, ratings):
    app.command()(command)

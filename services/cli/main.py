"""The `sanitation` command."""

import typer

from services.cli import backups, compose_secrets, credentials, dead_letters, operate, rebuilds, rehearsals, simulation
from services.cli.imports.app import app as imports

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False, help=__doc__)
operate.add_to(app)
simulation.add_to(app)
app.command()(rehearsals.rehearse)
app.command()(backups.backup)
app.command("secrets")(compose_secrets.make_all)
app.add_typer(credentials.app, name="credentials", help="Tokens for people and devices.")
app.add_typer(imports, name="import", help="Load vehicles, timetables and districts into the running system.")
app.add_typer(dead_letters.app, name="deadletters", help="Events that a consumer could not take.")
app.add_typer(rebuilds.app, name="rebuild", help="Fill a read model again from what the services hold.")

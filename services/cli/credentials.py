"""Tokens for the running system, signed with its own key."""

from datetime import timedelta
from typing import Annotated

import typer

from shared.auth import TokenSigner
from shared.errors import Invalid
from shared.settings import Settings
from shared.vocabulary import Role

app = typer.Typer(no_args_is_help=True)
ONE_MINUTE = 1 / 1440
"""Of a day."""
Ids = Annotated[list[str] | None, typer.Option(metavar="ID", help="may be given several times")]


@app.callback()
def group() -> None:
    """Tokens for people and devices."""


@app.command()
def issue(
    role: Annotated[Role, typer.Option(help="what the bearer may do")],
    vehicle: Ids = None,
    district: Ids = None,
    contractor: Ids = None,
    station: Ids = None,
    days: Annotated[float, typer.Option(min=ONE_MINUTE, max=366, help="how long it is valid")] = 30,
) -> None:
    """Print a bearer token; without a district, contractor or station it reaches the whole city.

    Vehicles bind a device, stations and plants a station_operator, districts a dispatcher, inspector or auditor, contractors
    a dispatcher; a token that its role could not be narrowed by is not issued.
    """
    typer.echo(issue_token(Settings(), role, timedelta(days=days), vehicle, district, contractor, station))


def issue_token(
    settings: Settings,
    role: Role,
    lifetime: timedelta,
    vehicles: list[str] | None = None,
    districts: list[str] | None = None,
    contractors: list[str] | None = None,
    stations: list[str] | None = None,
) -> str:
    if not settings.signing_key.exists():
        raise typer.BadParameter(f"no signing key at {settings.signing_key}: start the system once, or set SANITATION_DATA_DIR")
    if role is Role.DEVICE and not vehicles:
        raise typer.BadParameter("a device token needs --vehicle")
    scope = {
        "vehicle_ids": vehicles or [],
        "district_ids": districts or [],
        "contractor_ids": contractors or [],
        "station_ids": stations or [],
    }
    try:
        return TokenSigner(settings.signing_key).issue(role, lifetime, **scope)[0]
    except Invalid as error:
        raise typer.BadParameter(error.detail) from error


def admin_token(settings: Settings) -> str:
    """For a command that works on the running system in its operator's name."""
    return issue_token(settings, Role.ADMIN, timedelta(hours=12))

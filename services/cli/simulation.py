"""sanitation simulate and replay: onboard units that know the public API only."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from services.cli.connect import loggers_at, with_city
from shared.client import ApiClient
from shared.clock import now, service_day
from shared.settings import Settings


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)
    app.command()(replay)


def simulate(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a whole service day at once; default: today")
    ] = None,
    seed: Annotated[int, typer.Option(help="the same seed drives the same day")] = 1,
    live: Annotated[bool, typer.Option("--live", help="follow the clock instead, until Ctrl-C")] = False,
    interval: Annotated[int, typer.Option(min=1, max=300, help="seconds between two positions")] = 10,
    truth: Annotated[Path | None, typer.Option(help="write what really happened at each stop to this file")] = None,
    check: Annotated[bool, typer.Option("--check", help="wait for the verdicts and compare them with the truth")] = False,
    undisturbed: Annotated[bool, typer.Option("--undisturbed", help="no breakdowns, silences or missed stops")] = False,
    provide_trucks: Annotated[bool, typer.Option("--provide-trucks", help="make a truck for each route that has none")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="load the synthetic demo city first; live, its trucks tip at its stations")
    ] = False,
) -> None:
    """Trucks that drive the planned runs, lift bins, fall silent, break down and miss stops, as the seed says."""
    from services.simulator.demo.seeding import seed_demo_city, seed_demo_yard
    from services.simulator.devices.fleet import provide_trucks as provide
    from services.simulator.scenarios.live import LiveCity
    from services.simulator.scenarios.live_yard import LiveYard
    from services.simulator.scenarios.simulate import simulate_day
    from services.simulator.scenarios.truth import compare_when_settled

    settings = Settings()

    async def work(city: ApiClient) -> bool:
        if demo:
            await seed_demo_city(city)
        if live:
            yard = None
            if demo:
                lines = await seed_demo_yard(city)
                yard = await LiveYard.of_demo(city, settings.zone, seed, lines, loggers_at(settings), disturbed=not undisturbed)
            await LiveCity(city, settings.zone, seed, disturbed=not undisturbed, interval_seconds=interval, yard=yard).run()
            return True
        chosen = day.date() if day else service_day(now(), settings.zone)
        if provide_trucks:
            await provide(city)
        plan = await city.post("/v1/runs/plans", {"service_day": str(chosen)})
        typer.echo(f"{plan['runs']} runs with {plan['stops']} stops on {chosen}", err=True)
        outcome = await simulate_day(city, chosen, seed, interval_seconds=interval, disturbed=not undisturbed, truth_file=truth)
        typer.echo(str(outcome))
        if not check:
            return True
        agreement = await compare_when_settled(outcome.truths, city)
        typer.echo(str(agreement))
        return agreement.complete

    if not with_city(settings, work):
        raise typer.Exit(1)


def replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    vehicle_column: Annotated[str, typer.Option(help="default: found by its name")] = "",
    time_column: Annotated[str, typer.Option()] = "",
    lon_column: Annotated[str, typer.Option()] = "",
    lat_column: Annotated[str, typer.Option()] = "",
    speed_column: Annotated[str, typer.Option(help="km/h")] = "",
    heading_column: Annotated[str, typer.Option(help="degrees clockwise from north")] = "",
    zone: Annotated[str, typer.Option(help="of times that name none, e.g. America/New_York")] = "",
    speed_factor: Annotated[float, typer.Option(help="60: a minute in a second; 0: as fast as it goes")] = 0,
    shuffle_seed: Annotated[int | None, typer.Option(help="send in an order made by this seed")] = None,
) -> None:
    """Real tracks from CSV, a workbook or JSON, sent as onboard units would; sending a file again changes nothing."""
    from services.simulator.scenarios.replay import replay as send
    from services.simulator.scenarios.track_file import UnusableFile

    options = {
        "vehicle": vehicle_column,
        "time": time_column,
        "lon": lon_column,
        "lat": lat_column,
        "speed": speed_column,
        "heading": heading_column,
    }
    columns = {name: column or None for name, column in options.items()}

    async def work(city: ApiClient) -> str:
        sent = await send(
            city,
            file,
            columns=columns,
            zone=ZoneInfo(zone) if zone else None,
            speed_factor=speed_factor,
            shuffle_seed=shuffle_seed,
        )
        return str(sent)

    try:
        typer.echo(with_city(Settings(), work))
    except UnusableFile as error:
        raise typer.BadParameter(str(error)) from error

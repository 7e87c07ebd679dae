"""`make run`: the suite in one process, with a demo city that moves."""

import asyncio
import contextlib
import socket
from datetime import timedelta

import typer

from services.cli.connect import free_port, loggers_at
from services.cli.credentials import admin_token, issue_token
from services.cli.processes import make_server, migrate_all
from services.simulator.demo.hotline import DemoHotline
from services.simulator.demo.seeding import seed_demo_city, seed_demo_quality, seed_demo_yard
from services.simulator.scenarios.live import LiveCity
from services.simulator.scenarios.live_yard import LiveYard
from shared.auth import make_keys
from shared.client import ApiClient
from shared.logs import configure
from shared.settings import SERVICES, Settings
from shared.vocabulary import Role

SEED = 2026
USUAL_PORT = 8000


def run_demo(settings: Settings) -> None:
    if settings.hj212_port is None:  # the demo's own data loggers need somebody who listens
        settings = settings.model_copy(update={"hj212_port": free_port(settings.host)})
    configure(settings.log_level if settings.log_level != "INFO" else "WARNING")
    make_keys(settings.signing_key, settings.verify_key)
    asyncio.run(migrate_all(settings))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_and_drive(settings))


async def _serve_and_drive(settings: Settings) -> None:
    server = make_server(settings, SERVICES, settings.port, settings.host)
    try:
        listening = socket.create_server((settings.host, settings.port))
    except OSError as error:
        typer.echo(f"port {settings.port} is taken; choose another: PORT=8001 make run", err=True)
        raise typer.Exit(1) from error
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    typer.echo(_where_to_look(settings))
    driving = asyncio.create_task(_drive(settings))
    await serving
    driving.cancel()
    await asyncio.gather(driving, return_exceptions=True)


async def _drive(settings: Settings) -> None:
    """The simulated trucks are onboard units like any other: they know the address and their tokens."""
    async with ApiClient(settings.edge_url, admin_token(settings)) as city:
        await seed_demo_city(city)
        lines = await seed_demo_yard(city)
        await seed_demo_quality(city, settings.zone)
        yard = await LiveYard.of_demo(city, settings.zone, SEED, lines, loggers_at(settings))
        hotline = DemoHotline(city, settings.zone, SEED)
        await asyncio.gather(LiveCity(city, settings.zone, SEED, yard=yard).run(), hotline.run())


def _where_to_look(settings: Settings) -> str:
    token = issue_token(settings, Role.DISPATCHER, timedelta(days=1))
    url = settings.edge_url
    where = "" if str(settings.data_dir) == "data" else f"SANITATION_DATA_DIR={settings.data_dir} "
    where += "" if settings.port == USUAL_PORT else f"PORT={settings.port} "
    return f"""
The city runs at {url}  (synthetic demo data in {settings.data_dir}/; Ctrl-C stops it)

  the console, signed in:    {url}/#token={token}
  the API:                   {url}/docs

  a dispatcher's token, for a day:
    TOKEN={token}
  the whole city, now:       curl -H "Authorization: Bearer $TOKEN" {url}/v1/city
  the city, live:            curl -N -H "Authorization: Bearer $TOKEN" {url}/v1/city/live
  the same in this terminal: {where}.venv/bin/sanitation watch
  other tokens:              {where}.venv/bin/sanitation credentials issue --role admin
"""

"""serve, demo, migrate, doctor, watch."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from fastapi import FastAPI

from shared.auth import make_keys
from shared.bus import Bus
from shared.http_server import Server
from shared.logs import configure
from shared.settings import SERVICES, Settings


def factory(name: str) -> Callable[[Settings, Bus], FastAPI]:
    """`create_app` of a service; imported only when it is served."""
    from importlib import import_module

    create: Callable[[Settings, Bus], FastAPI] = import_module(f"services.{name}.app").create_app
    return create


def make_bus(settings: Settings) -> Bus:
    if settings.bus_url is None:
        from shared.local_bus import LocalBus

        return LocalBus()
    from shared.rabbit_bus import RabbitBus

    return RabbitBus(settings.bus_url.get_secret_value())


def make_server(settings: Settings, names: tuple[str, ...], port: int, host: str) -> Server:
    """One process with these services at one port."""
    from shared import http_server
    from shared.edge import Edge

    bus = make_bus(settings)
    apps = [factory(name)(settings, bus) for name in names]
    served = apps[0] if len(apps) == 1 else Edge(apps, apps[-1], bus)
    stopping = [app.state.resources.stopping for app in apps]
    return http_server.make_server(served, stopping, settings, host, port)


async def migrate_all(settings: Settings, names: tuple[str, ...] = SERVICES) -> None:
    """Newest tables for every service, and its queue, so that no event is sent before somebody would get it."""
    from shared.db import Database
    from shared.migrations import migrate

    bus = make_bus(settings)
    await bus.open()
    for name in names:
        database = Database(settings, name)
        await migrate(database)
        await database.close()
        handlers = factory(name)(settings, bus).state.service.consumers.handlers
        if handlers:
            await bus.declare(name, sorted(handlers))
    await bus.close()


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(migrate)
    app.command()(demo)
    app.command()(doctor)
    app.command()(watch)


def serve(
    service: Annotated[str, typer.Argument(help=f"{', '.join(SERVICES)}, or all of them in one process")] = "all",
    port: Annotated[int | None, typer.Option(help="default: PORT, else 8000")] = None,
    host: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Serve one service, or all of them in one process."""
    settings = Settings()
    configure(settings.log_level)
    if service not in (*SERVICES, "all"):
        raise typer.BadParameter(f"choose one of {', '.join(SERVICES)}, all")
    names = SERVICES if service == "all" else (service,)
    if service == "all":
        make_keys(settings.signing_key, settings.verify_key)
        asyncio.run(migrate_all(settings))
    elif not settings.verify_key.exists():
        typer.echo(f"there is no key to verify tokens with at {settings.verify_key}; set SANITATION_VERIFY_KEY_FILE", err=True)
        raise typer.Exit(2)
    server = make_server(settings, names, port or settings.port, host or settings.host)
    gc.freeze()  # what is loaded by now stays: no collection need look at it again
    gc.set_threshold(50_000, 20, 20)
    server.run()
    sys.exit(0 if server.started else 1)


def migrate() -> None:
    """Bring every service's database and queue to this version."""
    settings = Settings()
    configure(settings.log_level)
    asyncio.run(migrate_all(settings))
    typer.echo(f"migrated: {', '.join(SERVICES)}")


def demo() -> None:
    """The suite in one process with a synthetic city that moves (what `make run` does)."""
    from services.cli.city import run_demo

    run_demo(Settings())


def doctor() -> None:
    """Check this installation and say what to do about what is wrong."""
    from services.cli.diagnosis import diagnose

    sys.exit(asyncio.run(diagnose(Settings())))


def watch(
    seconds: Annotated[float, typer.Option(help="stop after this long; 0: until Ctrl-C")] = 0,
    token: Annotated[str, typer.Option(envvar="SANITATION_TOKEN", help="default: one made with this installation's key")] = "",
) -> None:
    """The citywide view in the terminal, live."""
    from services.cli.watching import watch_city

    asyncio.run(watch_city(Settings(), token, seconds))

"""serve, demo, migrate, doctor, watch."""

import asyncio
import gc
import sys
from typing import Annotated

import typer

from services.cli.processes import make_server, migrate_all
from shared.auth import make_keys
from shared.logs import configure
from shared.settings import SERVICES, Settings


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
    from services.cli.live_view import watch_city

    asyncio.run(watch_city(Settings(), token, seconds))

"""How a command reaches the running system: over its public API, with a token made by this installation's key."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from services.cli.credentials import admin_token
from shared.client import ApiClient, ApiError
from shared.settings import Settings

T = TypeVar("T")
SHOWN_ERRORS = 50


def with_city(settings: Settings, work: Callable[[ApiClient], Awaitable[T]]) -> T:
    """Do `work` with an admin's client; a refusal or no answer ends the command with one clear line."""

    async def run() -> T:
        async with ApiClient(settings.edge_url, admin_token(settings), timeout_seconds=300) as city:
            return await work(city)

    try:
        return asyncio.run(run())
    except ApiError as error:
        where = settings.edge_url
        typer.echo(f"{where}: {error}" + ("" if error.status else " - is the system running? `make run` starts it"), err=True)
        for line in error.errors[:SHOWN_ERRORS]:
            typer.echo(f"  {line}", err=True)
        if len(error.errors) > SHOWN_ERRORS:
            typer.echo(f"  … and {len(error.errors) - SHOWN_ERRORS} more", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def loggers_at(settings: Settings) -> tuple[str, int] | None:
    """Host and port where data loggers connect; None where nobody listens for them."""
    return None if settings.hj212_port is None else (settings.host, settings.hj212_port)


def free_port(host: str) -> int:
    """One that nobody listens on now."""
    with socket.create_server((host, 0)) as listening:
        return int(listening.getsockname()[1])

"""sanitation rebuild: a read model from what the services hold, while they go on."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import typer
from rich.progress import MofNCompleteColumn, Progress, TaskID

from services.cli.processes import factory, make_bus
from shared.app import Service
from shared.clock import monotonic
from shared.db import Database
from shared.outbox import backlog
from shared.settings import SERVICES, Settings
from shared.snapshots import Snapshot

app = typer.Typer(no_args_is_help=True)
GATEWAY = "gateway"
ROOM = 1_000
"""Events that may wait for the bus before more are published: live ones wait behind them."""
POLL_SECONDS = 0.1
STILL_SECONDS = 15.0
"""Nothing was sent for so long: the service does not run, or its broker is away."""
Report = Callable[[str, int, int], None]
"""What is being published, how many rows are done, how many there are."""


@app.callback()
def rebuild() -> None:
    """Fill an empty read model, or one restored from a backup, from the services' own tables."""


@app.command()
def gateway() -> None:
    """Publish to the gateway, and to nobody else, all that the services hold; what it has already is not counted twice.

    The services and the gateway go on meanwhile. Quotas, districts and what people wrote of findings are the gateway's own:
    they come back from a backup. It may be interrupted, and run again.
    """
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as progress:
        bars: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if not total:
                return
            if what not in bars:
                bars[what] = progress.add_task(what)
            progress.update(bars[what], completed=done, total=total)

        rows = asyncio.run(rebuild_gateway(Settings(), report))
    typer.echo(f"{rows} rows published; the gateway works out the balance from them within minutes")


async def rebuild_gateway(settings: Settings, report: Report) -> int:
    """How many rows were published and sent, in the order in which the gateway handles types: plans before what happened."""
    bus = make_bus(settings)
    services: list[Service] = [factory(name)(settings, bus).state.service for name in SERVICES]
    order = list(services[-1].consumers.handlers)
    snapshots = [(service.name, snapshot) for service in services for snapshot in service.snapshots]
    snapshots.sort(key=lambda pair: order.index(pair[1].event.type))
    rows = 0
    async with AsyncExitStack() as stack:
        databases = {name: Database(settings, name) for name in dict.fromkeys(name for name, _ in snapshots)}
        for database in databases.values():
            stack.push_async_callback(database.close)
        for name, snapshot in snapshots:
            rows += await _publish(databases[name], name, snapshot, report)
        for name, database in databases.items():
            await _wait_for_room(database, name, 0)
    return rows


async def _publish(database: Database, name: str, snapshot: Snapshot, report: Report) -> int:
    async with database.read() as session:
        total = await snapshot.count(session)
    done, after = 0, None
    while True:
        report(snapshot.event.type, done, max(total, done))
        await _wait_for_room(database, name, ROOM)
        async with database.transaction() as session:
            rows, after = await snapshot.publish_next(session, after, GATEWAY)
        done += rows
        if after is None:
            report(snapshot.event.type, done, done)
            return done


async def _wait_for_room(database: Database, name: str, most: int) -> None:
    """Wait until no more than this many of the service's events for the gateway wait for the bus."""
    least, since = None, monotonic()
    while True:
        async with database.read() as session:
            waiting, _ = await backlog(session, GATEWAY)
        if waiting <= most:
            return
        if least is None or waiting < least:
            least, since = waiting, monotonic()
        elif monotonic() - since > STILL_SECONDS:
            typer.echo(f"{waiting} events of {name} wait to be sent: is the service running, and its broker?", err=True)
            since = monotonic()
        await asyncio.sleep(POLL_SECONDS)

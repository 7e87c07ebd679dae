"""Services as processes: made, served, migrated."""

from collections.abc import Callable

from fastapi import FastAPI

from shared.bus import Bus
from shared.http_server import Server
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

"""What goes on beside requests: levels are told, queues are watched, figures are shown."""

import asyncio
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.metrics import StationMetrics
from services.transfer_station.service import stations, stock
from services.transfer_station.service.figures import station_figures
from services.transfer_station.store import stations as store
from services.transfer_station.store import stock as stock_store
from services.transfer_station.store import tickets
from shared.app import Resources
from shared.setting_aside import SetAside

TELL_SECONDS, QUEUE_SECONDS, COUNT_SECONDS = 3.0, 15.0, 5.0


async def tell_stocks(resources: Resources) -> None:
    """At most one event each TELL_SECONDS for a station and stream; one process of the service does it."""
    failing: SetAside[str] = SetAside("stocks", resources.metrics.set_aside)
    async with resources.database.leadership("stocks") as still_leading:
        while await still_leading():
            async with resources.database.read() as session:
                ids = await stock_store.stations_to_tell(session)
            for station_id in sorted(set(ids) - set(failing.keys())):
                async with resources.database.transaction() as session:
                    await failing.attempt(session, station_id, stock.tell(session, station_id, resources.settings.zone))
            await resources.database.woken("stocks", TELL_SECONDS)


async def watch_queues(resources: Resources) -> None:
    metrics = cast("StationMetrics", resources.metrics)
    failing: SetAside[str] = SetAside("queues", resources.metrics.set_aside)

    async def watch(session: AsyncSession, station_id: str) -> None:
        metrics.show_queue(station_id, await stations.watch_queue(session, station_id))

    async with resources.database.leadership("queues") as still_leading:
        while await still_leading():
            async with resources.database.read() as session:
                ids = list(await store.all_stations(session))
            for station_id in sorted(set(ids) - set(failing.keys())):
                async with resources.database.transaction() as session:
                    await failing.attempt(session, station_id, watch(session, station_id))
            await asyncio.sleep(QUEUE_SECONDS)


async def show_figures(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("StationMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show(await tickets.open_tickets(session), await store.open_by_kind(session))
            metrics.show_stations(await station_figures(session, resources.settings.zone))
        await asyncio.sleep(COUNT_SECONDS)

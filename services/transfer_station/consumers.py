"""Which event changes what in the transfer_station service; trucks before what they did."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.service import matches
from shared.consumers import Consumers
from shared.events.vehicle import TelemetryRecorded, VehicleRegistered


def make_consumers() -> Consumers:
    consumers = Consumers("transfer_station")
    nearby = matches.GatesNearby()
    consumers.on_many(VehicleRegistered)(matches.save_trucks)

    @consumers.on_many(TelemetryRecorded)
    async def save_tracks(session: AsyncSession, events: Sequence[TelemetryRecorded]) -> None:
        await matches.save_tracks(session, events, nearby)

    return consumers

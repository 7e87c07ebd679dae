"""Which event changes what in the route service."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.service import orders, telemetry, trucks, wanted_orders
from services.route.service.telemetry import StopsNearby
from shared.consumers import Consumers
from shared.events.complaint import OrderWanted
from shared.events.incinerator import IntakeChanged
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.events.vehicle import (
    AlertChanged,
    BinLifted,
    DriverReported,
    OrderDelivered,
    PositionsReviewed,
    TelemetryRecorded,
    VehicleRegistered,
)


def make_consumers(zone: ZoneInfo) -> Consumers:
    consumers = Consumers("route")
    consumers.on_many(VehicleRegistered)(trucks.save_trucks)
    consumers.on_many(BinLifted)(telemetry.save_lifts)
    consumers.on_many(DriverReported)(telemetry.save_reports)
    consumers.on_many(OrderDelivered)(orders.note_delivered)
    consumers.on_many(AlertChanged)(telemetry.save_silences)
    consumers.on_many(WeighbridgeTicketChanged)(orders.note_unloaded)
    consumers.on_many(IntakeChanged)(orders.note_unloaded)

    @consumers.on(OrderWanted)
    async def give_wanted(session: AsyncSession, event: OrderWanted) -> None:
        await wanted_orders.give_wanted(session, event, zone)

    nearby = StopsNearby()

    @consumers.on_many(TelemetryRecorded)
    async def save_tracks(session: AsyncSession, events: Sequence[TelemetryRecorded]) -> None:
        await telemetry.save_tracks(session, events, nearby)

    @consumers.on_many(PositionsReviewed)
    async def review_tracks(session: AsyncSession, events: Sequence[PositionsReviewed]) -> None:
        await telemetry.review_tracks(session, events, nearby)

    return consumers

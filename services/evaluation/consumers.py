"""Which event changes what in the evaluation service; trucks before what they did."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.service import event_handlers
from shared.consumers import Consumers
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged, ViolationChanged
from shared.events.transfer_station import StationAlarmChanged
from shared.events.vehicle import VehicleRegistered


def make_consumers(zone: ZoneInfo) -> Consumers:
    consumers = Consumers("evaluation")
    consumers.on_many(VehicleRegistered)(event_handlers.add_trucks)
    consumers.on_many(StopJudged)(event_handlers.take_stop_verdicts)
    consumers.on_many(ViolationChanged)(event_handlers.take_violations)

    @consumers.on_many(StationAlarmChanged)
    async def take_alarms(session: AsyncSession, events: Sequence[StationAlarmChanged]) -> None:
        await event_handlers.take_alarms(session, events, zone)

    @consumers.on_many(ComplaintChanged)
    async def take_complaints(session: AsyncSession, events: Sequence[ComplaintChanged]) -> None:
        await event_handlers.take_complaints(session, events, zone)

    return consumers

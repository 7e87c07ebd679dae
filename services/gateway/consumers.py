"""Which event changes what in the city's read model."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.service import keeping
from shared.consumers import Consumers
from shared.events.route import RouteAlive, RunPlanned, StopJudged
from shared.events.vehicle import AlertChanged, BinLifted, TelemetryRecorded, VehicleAlive, VehicleRegistered


def make_consumers(zone: ZoneInfo) -> Consumers:
    """`zone` decides which service day a lift belongs to."""
    consumers = Consumers("gateway")
    consumers.on(VehicleAlive)(keeping.note_alive)
    consumers.on(RouteAlive)(keeping.note_alive)
    consumers.on(VehicleRegistered)(keeping.register_vehicle)
    consumers.on(TelemetryRecorded)(keeping.move_vehicles)
    consumers.on(RunPlanned)(keeping.plan_run)
    consumers.on(StopJudged)(keeping.judge_stop)
    consumers.on(AlertChanged)(keeping.change_alert)

    @consumers.on(BinLifted)
    async def count_lift(session: AsyncSession, event: BinLifted) -> None:
        await keeping.count_lift(session, event, zone)

    return consumers

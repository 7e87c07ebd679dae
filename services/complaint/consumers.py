"""Which event changes what in the complaint service."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.service import escalations, evidence, orders
from shared.consumers import Consumers
from shared.events.route import CalendarDaySaid, OrderChanged, OrderRefused, StopJudged


def make_consumers(zone: ZoneInfo) -> Consumers:
    consumers = Consumers("complaint")
    consumers.on_many(CalendarDaySaid)(escalations.save_own_days)
    consumers.on_many(StopJudged)(evidence.note_judged)

    @consumers.on_many(OrderChanged)
    async def follow_orders(session: AsyncSession, events: Sequence[OrderChanged]) -> None:
        await orders.follow_orders(session, events, zone)

    @consumers.on_many(OrderRefused)
    async def note_refused(session: AsyncSession, events: Sequence[OrderRefused]) -> None:
        await orders.note_refused(session, events, zone)

    return consumers

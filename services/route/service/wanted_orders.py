"""Extra pick-ups that complaints ask for: given like a dispatcher's own, within the asker's scope, or refused with the reason."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.schemas.orders import ExtraPickup, PickupDetails
from services.route.service import orders
from shared.auth import Principal
from shared.clock import now
from shared.errors import DomainError
from shared.events.complaint import OrderWanted
from shared.events.route import OrderRefused
from shared.outbox import publish
from shared.scope import Scope
from shared.vocabulary import Role


async def give_wanted(session: AsyncSession, event: OrderWanted, zone: ZoneInfo) -> None:
    """What cannot be ordered is refused before anything is stored; who asked hears why."""
    details = PickupDetails(stream=event.stream, name=event.place, lon=event.lon, lat=event.lat)
    body = ExtraPickup(
        kind="extra_pickup", vehicle_id=event.vehicle_id, due_at=event.due_at, complaint_id=event.complaint_id, details=details
    )
    scope = Scope(district_ids=frozenset(event.district_ids), contractor_ids=frozenset(event.contractor_ids))
    asker = Principal(event.wanted_by, Role.DISPATCHER, now() + timedelta(minutes=1), scope)
    try:
        await orders.give(session, asker, body, zone)
    except DomainError as error:
        refused = OrderRefused(
            complaint_id=event.complaint_id, request_id=event.request_id, code=error.code, detail=error.detail, refused_at=now()
        )
        await publish(session, refused)

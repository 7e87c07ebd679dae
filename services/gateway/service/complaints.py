"""Open complaints of the citywide view: how many, where, and how late. Their clocks run while nothing is told of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale
from services.gateway.domain.complaints import Complaint
from services.gateway.rulebooks import CITY_RULES
from services.gateway.schemas.city import ComplaintGroup, Complaints
from services.gateway.store import complaints as store
from shared.events.complaint import ComplaintChanged
from shared.scope import Scope
from shared.vocabulary import ClockColour


async def change_complaints(session: AsyncSession, events: Sequence[ComplaintChanged]) -> None:
    newest = {event.complaint_id: event for event in sorted(events, key=lambda event: event.revision)}
    await store.save_complaints(session, [_complaint(newest[key]) for key in sorted(newest)])


def _complaint(event: ComplaintChanged) -> Complaint:
    return Complaint(
        complaint_id=event.complaint_id,
        revision=event.revision,
        category=event.category,
        district_id=event.district_id,
        contractor_id=event.contractor_id,
        status=event.status.value,
        open=event.open,
        yellow_at=event.yellow_at,
        due_at=event.due_at,
    )


async def part(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Complaints:
    counts = await store.complaint_counts(session, scope, at)
    by_colour: Counter[str] = Counter()
    by_district: dict[str, Counter[str]] = {}
    for each in counts:
        by_colour[each.colour] += each.cases
        by_district.setdefault(each.district_id, Counter())[each.colour] += each.cases
    groups = [
        ComplaintGroup(key=key, open=group.total(), overdue=group[ClockColour.RED]) for key, group in sorted(by_district.items())
    ]
    return Complaints(
        as_of=as_of,
        stale=is_stale(as_of, at, CITY_RULES.at(at)),
        open=by_colour.total(),
        by_colour=dict(by_colour),
        by_district=groups,
    )

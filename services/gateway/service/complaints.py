"""Open complaints of the citywide view: how many, where, and how late. Their clocks run while nothing is told of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale
from services.gateway.reference import city_rules_at
from services.gateway.schemas.city import ComplaintGroup, Complaints
from services.gateway.store import city as store
from shared.events.complaint import ComplaintChanged
from shared.scope import Scope
from shared.vocabulary import ClockColour


async def change_complaints(session: AsyncSession, events: Sequence[ComplaintChanged]) -> None:
    newest = {event.complaint_id: event for event in sorted(events, key=lambda event: event.revision)}
    rows = [newest[key].model_dump(mode="python", include=set(store.OF_COMPLAINT)) for key in sorted(newest)]
    told = [row | {"status": row["status"].value} for row in rows]
    await store.put_complaints(session, [tuple(row[name] for name in store.OF_COMPLAINT) for row in told])


async def part(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Complaints:
    counts = await store.complaint_counts(session, scope, at)
    by_colour: Counter[str] = Counter()
    by_district: dict[str, Counter[str]] = {}
    for district_id, colour, cases in counts:
        by_colour[colour] += cases
        by_district.setdefault(district_id, Counter())[colour] += cases
    groups = [
        ComplaintGroup(key=key, open=group.total(), overdue=group[ClockColour.RED]) for key, group in sorted(by_district.items())
    ]
    return Complaints(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        open=by_colour.total(),
        by_colour=dict(by_colour),
        by_district=groups,
    )

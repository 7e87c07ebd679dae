"""Lifts that mixed waste, found by the judge in the transaction that matches the lifts; late data withdraws what never was."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.judging.facts import VehicleDayFacts
from services.route.domain.judging.findings import Judgement
from services.route.domain.trucks import entry_at
from services.route.domain.violations import LiftsOfDay, ViolationFilters, mixes
from services.route.schemas.violations import ViolationAnswer
from services.route.store import trucks
from services.route.store import violations as store
from shared.auth import Principal
from shared.bodies import Page, as_json, decode_cursor, encode_cursor
from shared.errors import NotFound
from shared.events.route import ViolationChanged
from shared.ids import derived_id
from shared.vocabulary import ViolationKind


async def review(
    session: AsyncSession, facts: VehicleDayFacts, judgements: Sequence[Judgement], at: datetime
) -> list[ViolationChanged]:
    """Hold the lifts of a vehicle-day against its truck."""
    if not facts.lifts:
        return []
    entries = await trucks.entries(session, facts.vehicle_id)
    lifts = LiftsOfDay(facts, judgements)
    points = await store.points(session, named) if (named := lifts.named_points()) else {}
    emptied = lifts.emptied(points)
    times = [lift.at for lift in facts.lifts]
    known = await store.known(session, facts.vehicle_id, min(times), max(times))
    rules = rulebooks.MIXING_RULES.on(facts.day)
    by_truck = [(one, entry_at(entries, one.lift.at)) for one in emptied]
    mixed = [(one, truck) for one, truck in by_truck if truck is not None and mixes(truck, one.streams, rules)]
    tags = await store.tags(session, [one.lift.lift_id for one, _ in mixed]) if mixed else {}
    new = []
    for one, truck in mixed:
        lift_id = one.lift.lift_id
        violation_id = derived_id(lift_id, ViolationKind.MIXED_COLLECTION)
        new.append(one.mixed_in(facts.vehicle_id, truck, tags.get(lift_id), violation_id=violation_id, at=at))
    still = {violation.violation_id for violation in new}
    gone = lifts.never_were(known.values(), {one.lift.lift_id for one in emptied}, still, at)
    changed = [after for one in (*new, *gone) if (after := one.after(known.get(one.violation_id))) is not None]
    await store.save(session, changed)
    return [ViolationChanged.model_validate(as_json(violation)) for violation in changed]


async def get(session: AsyncSession, principal: Principal, violation_id: str) -> ViolationAnswer:
    violation = await store.violation(session, principal, violation_id)
    if violation is None:
        raise NotFound("no such violation")
    return ViolationAnswer.model_validate(violation)


async def list_violations(
    session: AsyncSession, principal: Principal, filters: ViolationFilters, cursor: str | None, limit: int
) -> Page[ViolationAnswer]:
    key = decode_cursor(cursor, datetime, str)
    violations = await store.page(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [ViolationAnswer.model_validate(violation) for violation in violations[:limit]]
    last = items[-1] if len(violations) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.violation_id))

"""A plant's days: what came in, was fed, is in the bunker, went out; an entry or a late ticket renews all days since."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.intake import EntryKind, bunker_kg
from services.incinerator.schemas.intake import EntryAnswer, EntryBody, LedgerAnswer
from services.incinerator.service.scope import require_plant
from services.incinerator.store import intake as store
from services.incinerator.tables.intake import LedgerDay
from shared.auth import Principal
from shared.bodies import LATEST
from shared.clock import day_bounds, now, service_day
from shared.events.incinerator import LedgerChanged
from shared.outbox import publish

COLUMNS = {
    "fed_kg": EntryKind.FED,
    "slag_kg": EntryKind.SLAG,
    "fly_ash_kg": EntryKind.FLY_ASH,
    "leachate_kg": EntryKind.LEACHATE,
    "power_kwh": EntryKind.POWER,
    "correction_kg": EntryKind.BUNKER_CORRECTION,
}


async def put_entry(
    session: AsyncSession, principal: Principal, plant_id: str, entry_id: str, body: EntryBody, zone: ZoneInfo
) -> EntryAnswer:
    await require_plant(session, principal, plant_id)
    await store.lock_plant(session, plant_id)
    before = await store.entry(session, plant_id, entry_id)
    if before is not None and all(getattr(before, name) == value for name, value in body.model_dump().items()):
        return EntryAnswer.model_validate(before)
    first = min(body.day, before.day) if before else body.day
    row = body.model_dump() | {
        "plant_id": plant_id,
        "entry_id": entry_id,
        "recorded_by": principal.token_id,
        "recorded_at": now(),
    }
    await store.put_entry(session, row)
    await renew_ledger(session, plant_id, first, zone)
    return EntryAnswer.model_validate(row)


async def renew_ledger(session: AsyncSession, plant_id: str, first: date, zone: ZoneInfo) -> None:
    """From `first` on; the caller holds the plant's lock."""
    before = await store.ledger_before(session, plant_id, first)
    known = await store.ledgers(session, plant_id, first)
    entries = await store.entries_since(session, plant_id, first)
    intake: Counter[date] = Counter()
    for left_at, net in await store.intake_between(session, plant_id, day_bounds(first, zone)[0], LATEST):
        intake[service_day(left_at, zone)] += net
    in_bunker, at, changed = before.bunker_kg if before else 0, now(), []
    for day in sorted({*known, *entries, *intake}):
        of_day = entries.get(day, {})
        in_bunker = bunker_kg(in_bunker, intake[day], of_day)
        row: dict[str, Any] = {name: of_day.get(kind, 0) for name, kind in COLUMNS.items()}
        row |= {"plant_id": plant_id, "day": day, "intake_kg": intake[day], "bunker_kg": in_bunker}
        old = known.get(day)
        if old is None or any(getattr(old, name) != value for name, value in row.items()):
            changed.append(row | {"revision": old.revision + 1 if old else 1, "changed_at": at})
    await store.put_ledgers(session, changed)
    await publish(session, *(LedgerChanged.model_validate(row) for row in changed))


async def days(session: AsyncSession, principal: Principal, plant_id: str, first: date, last: date) -> list[LedgerAnswer]:
    """Each day from `first` to `last`; one without anything keeps the bunker of the day before."""
    await require_plant(session, principal, plant_id)
    known = await store.ledgers(session, plant_id, first, last)
    before = await store.ledger_before(session, plant_id, first)
    in_bunker, found = before.bunker_kg if before else 0, []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        found.append(_answer(plant_id, day, known.get(day), in_bunker))
        in_bunker = found[-1].bunker_kg
    return found


def _answer(plant_id: str, day: date, row: LedgerDay | None, in_bunker: int) -> LedgerAnswer:
    if row is not None:
        return LedgerAnswer.model_validate(row)
    empty = dict.fromkeys(("intake_kg", *COLUMNS), 0)
    return LedgerAnswer(plant_id=plant_id, day=day, revision=0, bunker_kg=in_bunker, changed_at=None, **empty)

"""A plant's days: what came in, was fed, is in the bunker, went out; an entry or a late ticket renews all days since."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.ledger import LedgerDay, PlantEntry, ledger_day
from services.incinerator.schemas.intake import EntryAnswer, EntryBody, LedgerAnswer
from services.incinerator.service.scope import require_plant
from services.incinerator.store import intake as store
from shared.auth import Principal
from shared.bodies import LATEST
from shared.clock import day_bounds, now, service_day
from shared.events.incinerator import LedgerChanged
from shared.outbox import publish


async def put_entry(
    session: AsyncSession, principal: Principal, plant_id: str, entry_id: str, body: EntryBody, zone: ZoneInfo
) -> EntryAnswer:
    await require_plant(session, principal, plant_id)
    await store.lock_plant(session, plant_id)
    entry = PlantEntry(
        plant_id=plant_id,
        entry_id=entry_id,
        day=body.day,
        kind=body.kind,
        amount=body.amount,
        note=body.note,
        recorded_by=principal.token_id,
        recorded_at=now(),
    )
    before = await store.entry(session, plant_id, entry_id)
    if before is not None and before.says_the_same(entry):
        return EntryAnswer.model_validate(before)
    await store.save_entry(session, entry)
    await renew_ledger(session, plant_id, min(entry.day, before.day) if before else entry.day, zone)
    return EntryAnswer.model_validate(entry)


async def renew_ledger(session: AsyncSession, plant_id: str, first: date, zone: ZoneInfo) -> None:
    """From `first` on; the caller holds the plant's lock."""
    before = await store.ledger_before(session, plant_id, first)
    known = await store.ledgers(session, plant_id, first)
    entries = await store.entries_since(session, plant_id, first)
    intake: Counter[date] = Counter()
    for left_at, net_kg in await store.intake_between(session, plant_id, day_bounds(first, zone)[0], LATEST):
        intake[service_day(left_at, zone)] += net_kg
    in_bunker, at = before.bunker_kg if before else 0, now()
    changed: list[LedgerDay] = []
    for day in sorted({*known, *entries, *intake}):
        old, new = known.get(day), ledger_day(plant_id, day, in_bunker, intake[day], entries.get(day, {}), at)
        in_bunker = new.bunker_kg
        renewed = new if old is None else old.change_to(new)
        if renewed is not old:
            changed.append(renewed)
    await store.save_ledgers(session, changed)
    await publish(session, *(LedgerChanged.model_validate(day) for day in changed))


async def days(session: AsyncSession, principal: Principal, plant_id: str, first: date, last: date) -> list[LedgerAnswer]:
    """Each day from `first` to `last`; one without anything keeps the bunker of the day before."""
    await require_plant(session, principal, plant_id)
    known = await store.ledgers(session, plant_id, first, last)
    before = await store.ledger_before(session, plant_id, first)
    in_bunker = before.bunker_kg if before else 0
    answers: list[LedgerAnswer] = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        answers.append(_answer(plant_id, day, known.get(day), in_bunker))
        in_bunker = answers[-1].bunker_kg
    return answers


def _answer(plant_id: str, day: date, ledger: LedgerDay | None, in_bunker: int) -> LedgerAnswer:
    if ledger is not None:
        return LedgerAnswer.model_validate(ledger)
    return LedgerAnswer(
        plant_id=plant_id,
        day=day,
        revision=0,
        intake_kg=0,
        fed_kg=0,
        correction_kg=0,
        bunker_kg=in_bunker,
        slag_kg=0,
        fly_ash_kg=0,
        leachate_kg=0,
        power_kwh=0,
        changed_at=None,
    )

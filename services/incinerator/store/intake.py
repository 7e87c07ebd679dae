"""Tickets, hauls, entries and ledgers of plants."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.intake import DispatchPlan, EntryKind, Quota
from services.incinerator.domain.ledger import LedgerDay, PlantEntry
from services.incinerator.domain.tickets import Haul, Intake, IntakeFilters, IntakeRevision
from services.incinerator.domain.tonnage import Tonnage
from services.incinerator.tables.intake import (
    DispatchPlanRow,
    HaulRow,
    IntakeRevisionRow,
    IntakeTicketRow,
    LedgerDayRow,
    PlantEntryRow,
    QuotaRow,
    TonnageRow,
)
from services.incinerator.tables.plants import PlantRow
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, many, matching, one, table_of, to_row, to_rows
from shared.scope import Scope

TICKET, REVISION, HAUL, ENTRY, LEDGER, QUOTA, PLAN, PLANT, TONNAGE = (
    table_of(table)
    for table in (
        IntakeTicketRow,
        IntakeRevisionRow,
        HaulRow,
        PlantEntryRow,
        LedgerDayRow,
        QuotaRow,
        DispatchPlanRow,
        PlantRow,
        TonnageRow,
    )
)
INTAKES = select(*TICKET.c, TICKET.c.arrived_at.label("weighed_in_at"), TICKET.c.left_at.label("weighed_out_at"))
"""With the two times as a weighing names them."""


async def lock_plant(session: AsyncSession, plant_id: str) -> None:
    """Who changes a plant's tickets or its day waits here for whoever does so already."""
    await session.execute(select(PLANT.c.plant_id).where(PLANT.c.plant_id == plant_id).with_for_update())


async def intake(session: AsyncSession, ticket_id: str) -> Intake | None:
    return await one(session, Intake, INTAKES.where(TICKET.c.ticket_id == ticket_id))


async def save_intake(session: AsyncSession, intake: Intake, shown: BaseModel) -> None:
    """`shown`: the ticket as its history tells it from this revision on."""
    await upsert(session, IntakeTicketRow, [to_row(intake, TICKET)])
    revision = {
        "ticket_id": intake.ticket_id,
        "revision": intake.revision,
        "recorded_by": intake.recorded_by,
        "ticket": shown.model_dump(mode="json"),
    }
    await insert_new(session, IntakeRevisionRow, [revision])


async def history(session: AsyncSession, ticket_id: str) -> list[IntakeRevision]:
    query = select(*columns_of(IntakeRevision, REVISION)).where(REVISION.c.ticket_id == ticket_id)
    return await many(session, IntakeRevision, query.order_by(REVISION.c.revision))


async def page_of_intakes(
    session: AsyncSession, scope: Scope, filters: IntakeFilters, after: tuple[datetime, str] | None, limit: int
) -> list[Intake]:
    """In the order of arrival."""
    c = TICKET.c
    query = INTAKES.where(*matching(filters, TICKET), *scope.rows(TICKET, station_id=c.plant_id))
    query = query if filters.start is None else query.where(c.arrived_at >= filters.start)
    query = query if filters.end is None else query.where(c.arrived_at < filters.end)
    if after is not None:
        query = query.where(or_(c.arrived_at > after[0], and_(c.arrived_at == after[0], c.ticket_id > after[1])))
    return await many(session, Intake, query.order_by(c.arrived_at, c.ticket_id).limit(limit))


async def hauls(session: AsyncSession, haul_ids: Iterable[str]) -> dict[str, Haul]:
    query = select(*columns_of(Haul, HAUL)).where(among(session, HAUL.c.haul_id, sorted(set(haul_ids))))
    return {haul.haul_id: haul for haul in await many(session, Haul, query)}


async def haul_by_seal(session: AsyncSession, seal_number: str, plant_id: str) -> Haul | None:
    """The newest with this seal; one that was meant for this plant goes before others."""
    query = select(*columns_of(Haul, HAUL)).where(HAUL.c.seal_number == seal_number, HAUL.c.status != "cancelled")
    return max(
        await many(session, Haul, query),
        key=lambda haul: (haul.destination_plant_id == plant_id, haul.left_at is not None, haul.haul_id),
        default=None,
    )


async def save_hauls(session: AsyncSession, hauls: Sequence[Haul]) -> None:
    await upsert(session, HaulRow, to_rows(hauls))


async def intakes_by_seal(session: AsyncSession, seals: Iterable[str]) -> list[Intake]:
    query = INTAKES.where(among(session, TICKET.c.seal_number, sorted(set(seals)))).order_by(TICKET.c.ticket_id)
    return await many(session, Intake, query)


async def intake_between(session: AsyncSession, plant_id: str, start: datetime, end: datetime) -> Sequence[tuple[datetime, int]]:
    """When closed tickets' trucks left, and their net kg."""
    c = TICKET.c
    where = (c.plant_id == plant_id, c.status == "closed", c.left_at >= start, c.left_at < end)
    return [(row[0], row[1]) for row in await session.execute(select(c.left_at, c.net_kg).where(*where))]


async def save_entry(session: AsyncSession, entry: PlantEntry) -> None:
    await upsert(session, PlantEntryRow, [to_row(entry)])


async def entry(session: AsyncSession, plant_id: str, entry_id: str) -> PlantEntry | None:
    query = select(*ENTRY.c).where(ENTRY.c.plant_id == plant_id, ENTRY.c.entry_id == entry_id)
    return await one(session, PlantEntry, query)


async def entries_since(session: AsyncSession, plant_id: str, day: date) -> dict[date, dict[EntryKind, int]]:
    """The sums of each day and kind."""
    c = ENTRY.c
    query = select(c.day, c.kind, func.sum(c.amount)).where(c.plant_id == plant_id, c.day >= day).group_by(c.day, c.kind)
    sums: dict[date, dict[EntryKind, int]] = {}
    for of_day, kind, amount in await session.execute(query):
        sums.setdefault(of_day, {})[EntryKind(kind)] = int(amount)
    return sums


async def ledger_before(session: AsyncSession, plant_id: str, day: date) -> LedgerDay | None:
    """The last day of which there is a ledger."""
    c = LEDGER.c
    query = select(*c).where(c.plant_id == plant_id, c.day < day).order_by(c.day.desc()).limit(1)
    return await one(session, LedgerDay, query)


async def ledgers(session: AsyncSession, plant_id: str, start: date, end: date | None = None) -> dict[date, LedgerDay]:
    """From `start` up to `end`, both included."""
    c = LEDGER.c
    query = select(*c).where(c.plant_id == plant_id, c.day >= start).order_by(c.day)
    query = query if end is None else query.where(c.day <= end)
    return {ledger.day: ledger for ledger in await many(session, LedgerDay, query)}


async def save_ledgers(session: AsyncSession, ledgers: Sequence[LedgerDay]) -> None:
    await upsert(session, LedgerDayRow, to_rows(ledgers))


async def quotas(session: AsyncSession) -> list[Quota]:
    return await many(session, Quota, select(*QUOTA.c))


async def save_quota(session: AsyncSession, quota: Quota) -> None:
    await upsert(session, QuotaRow, [to_row(quota)])


async def plan(session: AsyncSession, day: date) -> DispatchPlan | None:
    return await one(session, DispatchPlan, select(*PLAN.c).where(PLAN.c.day == day))


async def save_plan(session: AsyncSession, plan: DispatchPlan) -> None:
    await upsert(session, DispatchPlanRow, [to_row(plan)])


async def tonnage(session: AsyncSession, source: str) -> dict[tuple[str, date, str], tuple[int, str]]:
    """By district, month and material: grams and stream."""
    c = TONNAGE.c
    query = select(c.district, c.month, c.material, c.grams, c.stream).where(c.source == source)
    stored = await session.execute(query)
    return {(district, month, material): (grams, stream) for district, month, material, grams, stream in stored}


async def save_tonnage(session: AsyncSession, figures: Sequence[Tonnage]) -> None:
    await upsert(session, TonnageRow, to_rows(figures))

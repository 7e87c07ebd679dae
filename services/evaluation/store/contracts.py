"""Contracts, what may be deducted for, deductions, statements."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.contracts import (
    Contract,
    Deduction,
    DeductionEvent,
    Fact,
    Statement,
    TruckEntry,
)
from services.evaluation.domain.filters import DeductionFilters
from services.evaluation.domain.statements import StatementContent
from services.evaluation.tables.contracts import (
    ContractFactRow,
    ContractRow,
    DeductionEventRow,
    DeductionRow,
    StatementRow,
    TruckRow,
)
from shared.assessment import DeductionStatus
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, from_json, many, one, table_of, to_row, to_rows

CONTRACT, FACT, DEDUCTION, EVENT, STATEMENT, TRUCK = (
    table_of(table) for table in (ContractRow, ContractFactRow, DeductionRow, DeductionEventRow, StatementRow, TruckRow)
)


async def save_contract(session: AsyncSession, contract: Contract) -> None:
    await upsert(session, ContractRow, [to_row(contract)])


async def contracts(session: AsyncSession, contractor_ids: Collection[str] | None = None) -> list[Contract]:
    query = select(*columns_of(Contract, CONTRACT)).order_by(CONTRACT.c.contract_id)
    if contractor_ids is not None:
        query = query.where(among(session, CONTRACT.c.contractor_id, list(contractor_ids)))
    return await many(session, Contract, query)


async def contract(session: AsyncSession, contract_id: str) -> Contract | None:
    return await one(session, Contract, select(*columns_of(Contract, CONTRACT)).where(CONTRACT.c.contract_id == contract_id))


async def add_trucks(session: AsyncSession, entries: Sequence[TruckEntry]) -> None:
    await insert_new(session, TruckRow, to_rows(entries))


async def trucks(session: AsyncSession, vehicle_ids: Collection[str]) -> dict[str, list[TruckEntry]]:
    """Each truck's entries, the oldest first."""
    query = select(*columns_of(TruckEntry, TRUCK)).where(among(session, TRUCK.c.vehicle_id, list(vehicle_ids)))
    by_truck: dict[str, list[TruckEntry]] = defaultdict(list)
    for entry in await many(session, TruckEntry, query.order_by(TRUCK.c.revision)):
        by_truck[entry.vehicle_id].append(entry)
    return by_truck


async def facts(session: AsyncSession, keys: Collection[str]) -> dict[str, Fact]:
    query = select(*columns_of(Fact, FACT)).where(among(session, FACT.c.fact, list(keys))).with_for_update()
    return {fact.fact: fact for fact in await many(session, Fact, query)}


async def save_facts(session: AsyncSession, facts: Sequence[Fact]) -> None:
    await upsert(session, ContractFactRow, to_rows(facts))


async def facts_of_trucks(session: AsyncSession, vehicle_ids: Collection[str]) -> list[Fact]:
    query = select(*columns_of(Fact, FACT)).where(among(session, FACT.c.vehicle_id, list(vehicle_ids)))
    return await many(session, Fact, query.order_by(FACT.c.fact).with_for_update())


async def facts_of_contract(session: AsyncSession, contract_id: str, contractor_id: str) -> list[Fact]:
    """What may be deducted under this contract: by its contractor, by a truck, or already deducted under it."""
    under = select(DEDUCTION.c.fact).where(DEDUCTION.c.contract_id == contract_id)
    whose = or_(FACT.c.contractor_id == contractor_id, FACT.c.contractor_id.is_(None), FACT.c.fact.in_(under))
    return await many(session, Fact, select(*columns_of(Fact, FACT)).where(whose).order_by(FACT.c.fact).with_for_update())


# --- deductions -------------------------------------------------------------------------------------------------


async def deductions_on(session: AsyncSession, keys: Collection[str]) -> dict[str, Deduction]:
    query = select(*columns_of(Deduction, DEDUCTION)).where(among(session, DEDUCTION.c.fact, list(keys)))
    return {deduction.fact: deduction for deduction in await many(session, Deduction, query.with_for_update())}


async def deduction(session: AsyncSession, deduction_id: str, *, lock: bool = False) -> Deduction | None:
    query = select(*columns_of(Deduction, DEDUCTION)).where(DEDUCTION.c.deduction_id == deduction_id)
    return await one(session, Deduction, query.with_for_update() if lock else query)


async def save_deduction(session: AsyncSession, deduction: Deduction, reason: str, actor: str) -> None:
    await upsert(session, DeductionRow, [to_row(deduction)])
    event = DeductionEvent(
        deduction_id=deduction.deduction_id,
        revision=deduction.revision,
        status=deduction.status,
        reason=reason,
        actor=actor,
        at=deduction.changed_at,
    )
    await insert_new(session, DeductionEventRow, [to_row(event)])


async def deduction_events(session: AsyncSession, deduction_id: str) -> list[DeductionEvent]:
    query = select(*columns_of(DeductionEvent, EVENT)).where(EVENT.c.deduction_id == deduction_id)
    return await many(session, DeductionEvent, query.order_by(EVENT.c.revision))


async def deductions(
    session: AsyncSession,
    filters: DeductionFilters,
    seen: Collection[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Deduction]:
    """The newest first. `seen`: contracts; None: all."""
    c = DEDUCTION.c
    query = select(*columns_of(Deduction, DEDUCTION))
    query = query.where(*(c[name] == value for name, value in to_row(filters).items() if value is not None))
    if seen is not None:
        query = query.where(among(session, c.contract_id, seen))
    if after is not None:
        at, deduction_id = after
        query = query.where(or_(c.at < at, (c.at == at) & (c.deduction_id < deduction_id)))
    return await many(session, Deduction, query.order_by(c.at.desc(), c.deduction_id.desc()).limit(limit))


async def of_month(session: AsyncSession, contract_id: str, month: date) -> list[Deduction]:
    """Those that are not withdrawn."""
    c = DEDUCTION.c
    query = select(*columns_of(Deduction, DEDUCTION)).where(
        c.contract_id == contract_id, c.month == month, c.status != DeductionStatus.WITHDRAWN.value
    )
    return await many(session, Deduction, query.order_by(c.at, c.deduction_id))


async def open_appeals(session: AsyncSession) -> int:
    query = select(func.count()).where(DEDUCTION.c.status == DeductionStatus.APPEALED.value)
    return int((await session.execute(query)).scalar_one())


# --- statements -------------------------------------------------------------------------------------------------


async def statement(session: AsyncSession, contract_id: str, month: date, revision: int | None = None) -> Statement | None:
    """Without a revision: the newest."""
    c = STATEMENT.c
    query = select(*columns_of(Statement, STATEMENT))
    query = query.where(c.contract_id == contract_id, c.month == month).order_by(c.revision.desc()).limit(1)
    return await one(session, Statement, query if revision is None else query.where(c.revision == revision))


def content_of(statement: Statement) -> StatementContent:
    return from_json(StatementContent, statement.content)


async def add_statement(session: AsyncSession, statement: Statement) -> None:
    await insert_new(session, StatementRow, [to_row(statement)])


async def settled_of(session: AsyncSession, contract_ids: Collection[str]) -> list[Statement]:
    """Every settled statement of these contracts."""
    query = select(*columns_of(Statement, STATEMENT)).where(among(session, STATEMENT.c.contract_id, contract_ids))
    return await many(session, Statement, query.order_by(STATEMENT.c.month, STATEMENT.c.contract_id, STATEMENT.c.revision))

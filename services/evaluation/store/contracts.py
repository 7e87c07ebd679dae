"""Contracts, what may be deducted for, deductions, statements."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store.index import listed
from services.evaluation.tables.contracts import Contract, ContractFact, Deduction, DeductionEvent, Statement, Truck
from shared.assessment import DeductionStatus
from shared.db import among, insert_new, upsert
from shared.rows import table_of

CONTRACT, FACT, DEDUCTION, EVENT, STATEMENT, TRUCK = (
    table_of(table) for table in (Contract, ContractFact, Deduction, DeductionEvent, Statement, Truck)
)
Row = dict[str, Any]


async def put_contract(session: AsyncSession, row: Row) -> None:
    await upsert(session, Contract, [row])


async def contracts(session: AsyncSession, contractor_ids: Collection[str] | None = None) -> list[Row]:
    query = select(*CONTRACT.c).order_by(CONTRACT.c.contract_id)
    if contractor_ids is not None:
        query = query.where(among(session, CONTRACT.c.contractor_id, list(contractor_ids)))
    return listed(await session.execute(query))


async def contract(session: AsyncSession, contract_id: str) -> Row | None:
    return next(iter(listed(await session.execute(select(*CONTRACT.c).where(CONTRACT.c.contract_id == contract_id)))), None)


async def add_trucks(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Truck, rows)


async def trucks(session: AsyncSession, vehicle_ids: Collection[str]) -> dict[str, list[Row]]:
    """Each truck's entries, the oldest first."""
    query = select(*TRUCK.c).where(among(session, TRUCK.c.vehicle_id, list(vehicle_ids))).order_by(TRUCK.c.revision)
    found: dict[str, list[Row]] = {}
    for row in listed(await session.execute(query)):
        found.setdefault(row["vehicle_id"], []).append(row)
    return found


async def facts(session: AsyncSession, keys: Collection[str]) -> dict[str, Row]:
    query = select(*FACT.c).where(among(session, FACT.c.fact, list(keys))).with_for_update()
    return {row["fact"]: row for row in listed(await session.execute(query))}


async def put_facts(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, ContractFact, rows)


async def facts_of_trucks(session: AsyncSession, vehicle_ids: Collection[str]) -> list[Row]:
    query = select(*FACT.c).where(among(session, FACT.c.vehicle_id, list(vehicle_ids))).order_by(FACT.c.fact)
    return listed(await session.execute(query.with_for_update()))


async def facts_of_contract(session: AsyncSession, contract_id: str, contractor_id: str) -> list[Row]:
    """What may be deducted under this contract: by its contractor, by a truck, or already deducted under it."""
    under = select(DEDUCTION.c.fact).where(DEDUCTION.c.contract_id == contract_id)
    whose = or_(FACT.c.contractor_id == contractor_id, FACT.c.contractor_id.is_(None), FACT.c.fact.in_(under))
    return listed(await session.execute(select(*FACT.c).where(whose).order_by(FACT.c.fact).with_for_update()))


async def deductions_on(session: AsyncSession, keys: Collection[str]) -> dict[str, Row]:
    query = select(*DEDUCTION.c).where(among(session, DEDUCTION.c.fact, list(keys)))
    return {row["fact"]: row for row in listed(await session.execute(query.with_for_update()))}


async def deduction(session: AsyncSession, deduction_id: str, *, lock: bool = False) -> Row | None:
    query = select(*DEDUCTION.c).where(DEDUCTION.c.deduction_id == deduction_id)
    return next(iter(listed(await session.execute(query.with_for_update() if lock else query))), None)


async def put_deduction(session: AsyncSession, row: Row, reason: str, actor: str) -> None:
    await upsert(session, Deduction, [row])
    event = {name: row[name] for name in ("deduction_id", "revision", "status")}
    await insert_new(session, DeductionEvent, [event | {"reason": reason, "actor": actor, "at": row["changed_at"]}])


async def deduction_events(session: AsyncSession, deduction_id: str) -> list[Row]:
    query = select(*EVENT.c).where(EVENT.c.deduction_id == deduction_id).order_by(EVENT.c.revision)
    return listed(await session.execute(query))


async def deductions(
    session: AsyncSession, filters: Row, seen: Collection[str] | None, after: tuple[datetime, str] | None, limit: int
) -> list[Row]:
    """The newest first. `seen`: contracts; None: all."""
    c = DEDUCTION.c
    query = select(*c).where(*(c[name] == value for name, value in filters.items()))
    if seen is not None:
        query = query.where(among(session, c.contract_id, seen))
    if after is not None:
        at, deduction_id = after
        query = query.where(or_(c.at < at, (c.at == at) & (c.deduction_id < deduction_id)))
    return listed(await session.execute(query.order_by(c.at.desc(), c.deduction_id.desc()).limit(limit)))


async def of_month(session: AsyncSession, contract_id: str, month: date) -> list[Row]:
    c = DEDUCTION.c
    query = select(*c).where(c.contract_id == contract_id, c.month == month, c.status != DeductionStatus.WITHDRAWN.value)
    return listed(await session.execute(query.order_by(c.at, c.deduction_id)))


async def open_appeals(session: AsyncSession) -> int:
    query = select(func.count()).where(DEDUCTION.c.status == DeductionStatus.APPEALED.value)
    return int((await session.execute(query)).scalar_one())


async def statement(session: AsyncSession, contract_id: str, month: date, revision: int | None = None) -> Row | None:
    c = STATEMENT.c
    query = select(*c).where(c.contract_id == contract_id, c.month == month).order_by(c.revision.desc()).limit(1)
    query = query if revision is None else query.where(c.revision == revision)
    return next(iter(listed(await session.execute(query))), None)


async def add_statement(session: AsyncSession, row: Row) -> None:
    await insert_new(session, Statement, [row])


async def settled_of(session: AsyncSession, contract_ids: Collection[str]) -> list[Row]:
    """Every settled statement of these contracts."""
    query = select(*STATEMENT.c).where(among(session, STATEMENT.c.contract_id, contract_ids))
    return listed(await session.execute(query.order_by(STATEMENT.c.month, STATEMENT.c.contract_id, STATEMENT.c.revision)))

"""Stops that cases rest on, and cases whose evidence is wanted."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.cases import Case
from services.complaint.domain.evidence import CaseStop
from services.complaint.store.cases import CASE_COLUMNS
from services.complaint.store.filters import CASE
from services.complaint.tables.cases import CaseStopRow
from shared.clock import now
from shared.db import among, insert_new, wake
from shared.rows import columns_of, many, table_of, to_rows

STOP = table_of(CaseStopRow)


async def replace_stops(session: AsyncSession, case_id: str, stops: Sequence[CaseStop]) -> None:
    await session.execute(delete(STOP).where(STOP.c.case_id == case_id))
    await insert_new(session, CaseStopRow, to_rows(stops))


async def about_stops(session: AsyncSession, stop_ids: Collection[str]) -> list[CaseStop]:
    """Of every case that rests on one of these stops."""
    query = select(*columns_of(CaseStop, STOP)).where(among(session, STOP.c.stop_id, list(stop_ids)))
    return await many(session, CaseStop, query.order_by(STOP.c.case_id))


async def open_about_missed(session: AsyncSession, stop_ids: Collection[str], but: str) -> list[str]:
    """Other open cases, filed or later, that are about one of these missed stops; oldest first."""
    query = (
        select(CASE.c.case_id)
        .join(STOP, STOP.c.case_id == CASE.c.case_id)
        .where(
            STOP.c.stop_id.in_(sorted(stop_ids)),
            STOP.c.missed,
            CASE.c.closed_at.is_(None),
            CASE.c.main_id.is_(None),
            CASE.c.case_id != but,
            CASE.c.status.not_in(["received", "accepted"]),
        )
    )
    return list((await session.execute(query.order_by(CASE.c.requested_at))).scalars())


async def want(session: AsyncSession, case_ids: Collection[str], at: datetime) -> None:
    wanted = among(session, CASE.c.case_id, list(case_ids))
    await session.execute(update(CASE).where(wanted).values(evidence_wanted_at=at))
    if at <= now():
        wake(session, "evidence")


async def wanted(session: AsyncSession, at: datetime, limit: int) -> list[Case]:
    query = select(*CASE_COLUMNS).where(CASE.c.evidence_wanted_at <= at).order_by(CASE.c.evidence_wanted_at).limit(limit)
    return await many(session, Case, query)

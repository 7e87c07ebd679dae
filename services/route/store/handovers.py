"""Who had a stop before, and what that vehicle did there."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.findings import NOTHING_KNOWN, Judgement
from services.route.domain.judging.handover import Handover
from services.route.store.plan import HANDOVER, STOP
from services.route.tables.facts import VehicleProgress
from services.route.tables.runs import HandoverRow
from shared.db import upsert
from shared.rows import from_row, table_of

PROGRESS = table_of(VehicleProgress)
GIVEN = ("stop_id", "vehicle_id", "contractor_id", "service_day", "planned_at", "at")


async def add(session: AsyncSession, handovers: Sequence[Handover]) -> None:
    """A vehicle that had the stop twice gave it away when it did so last."""
    rows = [{name: getattr(handover, name) for name in GIVEN} | {"found": None} for handover in handovers]
    await upsert(session, HandoverRow, rows)


async def of_vehicle_day(session: AsyncSession, vehicle_id: str, day: date) -> tuple[Handover, ...]:
    """Stops that this vehicle gave away, and those it was given."""
    c = HANDOVER.c
    query = select(*c, STOP.c.vehicle_id.label("stop_vehicle_id")).join(STOP, STOP.c.stop_id == c.stop_id)
    query = query.where(c.service_day == day, or_(c.vehicle_id == vehicle_id, STOP.c.vehicle_id == vehicle_id))
    return tuple(_handover(row) for row in await session.execute(query.order_by(c.at, c.vehicle_id, c.stop_id)))


def _handover(row: Any) -> Handover:
    served = None if row.found is None else from_row(Judgement, row.found | {"stop_id": row.stop_id})
    return from_row(Handover, {**row._mapping, "served": served})


async def save_service(session: AsyncSession, handover: Handover) -> None:
    """What the vehicle did at the stop that it gave away."""
    c, served = HANDOVER.c, handover.served
    service = served and {
        "verdict": served.verdict.value,
        "served_at": served.served_at and served.served_at.isoformat(),
        "evidence": (served.evidence or NOTHING_KNOWN).to_json(),
    }
    mine = c.stop_id == handover.stop_id, c.vehicle_id == handover.vehicle_id
    await session.execute(update(HANDOVER).where(*mine).values(found=service))


async def known_until(session: AsyncSession, vehicle_ids: Iterable[str]) -> dict[str, datetime | None]:
    c = PROGRESS.c
    rows = await session.execute(select(c.vehicle_id, c.known_until).where(c.vehicle_id.in_(sorted(vehicle_ids))))
    return {row.vehicle_id: row.known_until for row in rows}

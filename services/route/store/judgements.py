"""What the judge has to do, and what it decided.

Consumers mark a vehicle's progress row dirty; the judge moves the mark to its own queue in a short transaction that passes
over rows a consumer holds. So the two never wait for each other's work, and no mark is lost.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.stops import Stop, StopVerdict
from services.route.store.facts import PROGRESS, SILENCE
from services.route.store.plan import HANDOVER, OF_STOP, STOP
from services.route.tables.facts import JudgementDue
from services.route.tables.runs import StopVerdictRow
from shared.bodies import as_json
from shared.db import insert_new, merge_rows, take_rows, wake
from shared.rows import many, one, table_of, to_row

DUE = table_of(JudgementDue)
DUE_COLUMNS = tuple(DUE.columns.keys())
NO_VEHICLE = ""
JUDGED = ("verdict", "revision", "served_at", "evidence", "judged_at")
VehicleDay = tuple[str, date]


class NewFacts(NamedTuple):
    """Of a vehicle, and between which times they lie."""

    vehicle_id: str
    start: datetime
    end: datetime


async def take_dirty(session: AsyncSession, limit: int) -> list[NewFacts]:
    """Vehicles with new facts; they are no longer marked, if the transaction commits."""
    c = PROGRESS.c
    query = select(c.vehicle_id, c.dirty_from, c.dirty_until).where(c.dirty_from.is_not(None)).limit(limit)
    dirty = [NewFacts(*row) for row in await session.execute(query.with_for_update(skip_locked=True))]
    if dirty:
        marked = c.vehicle_id.in_([new.vehicle_id for new in dirty])
        await session.execute(update(PROGRESS).where(marked).values(dirty_from=None, dirty_until=None))
    return dirty


async def overdue_days(session: AsyncSession, at: datetime, patience: timedelta, limit: int) -> list[VehicleDay]:
    """Vehicle-days with a stop whose time has passed and that can be decided: its vehicle has been heard of since, or for as
    long as `patience` nobody has; and those in doubt whose vehicle has been heard of since.

    A stop that a vehicle gave away stays in doubt until that one has been heard of, too; one in a silence, until that is filled.
    """
    c, p = STOP.c, PROGRESS.c
    heard = and_(p.known_until >= c.deadline, or_(p.known_from.is_(None), p.known_from <= c.window_start))
    heard = and_(heard, ~_former_unheard(), ~_in_silence())
    over = or_(c.vehicle_id.is_(None), c.deadline < at - patience, heard)
    days = select(c.vehicle_id, c.service_day).outerjoin(PROGRESS, p.vehicle_id == c.vehicle_id).distinct().limit(limit)
    waiting = await session.execute(days.where(c.verdict == "planned", c.deadline < at, over))
    doubtful = await session.execute(days.where(c.verdict == "unknown", heard))
    return sorted({(row.vehicle_id or NO_VEHICLE, row.service_day) for row in (*waiting, *doubtful)})


def _former_unheard() -> ColumnElement[bool]:
    h, former = HANDOVER.c, PROGRESS.alias("former")
    silent = or_(former.c.known_until.is_(None), former.c.known_until < h.at)
    having = select(h.stop_id).outerjoin(former, former.c.vehicle_id == h.vehicle_id)
    return having.where(h.stop_id == STOP.c.stop_id, h.vehicle_id != STOP.c.vehicle_id, silent).exists()


def _in_silence() -> ColumnElement[bool]:
    s, stop = SILENCE.c, STOP.c
    meets = s.vehicle_id == stop.vehicle_id, s.end > stop.window_start, s.begin < stop.deadline
    return select(s.alert_id).where(*meets, s.gone.is_(False)).exists()


async def queue(session: AsyncSession, days: Iterable[VehicleDay], due_at: datetime) -> None:
    """Have these judged by then, or earlier if that was said before."""
    rows = [(vehicle_id, day, due_at) for vehicle_id, day in sorted(set(days))]
    await merge_rows(session, JudgementDue, DUE_COLUMNS, rows, _sooner)
    if rows:
        wake(session, "judging")


def _sooner(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    return {"due_at": case((stored.due_at <= new.due_at, stored.due_at), else_=new.due_at)}


async def take_due(session: AsyncSession, at: datetime, limit: int) -> list[VehicleDay]:
    """The vehicle-days that have waited longest; whoever queues one of them anew waits for our commit."""
    c = DUE.c
    rows = await take_rows(session, DUE, c.due_at <= at, order_by=(c.due_at, c.vehicle_id, c.service_day), limit=limit)
    return [(row.vehicle_id, row.service_day) for row in rows]


async def unread(session: AsyncSession, vehicle_ids: Sequence[str], day: date) -> list[str]:
    """Of these, the vehicles whose newest facts of the day have not been judged."""
    if not vehicle_ids:
        return []
    p, c = PROGRESS.c, DUE.c
    dirty = select(p.vehicle_id).where(p.vehicle_id.in_(vehicle_ids), p.dirty_from.is_not(None))
    due = select(c.vehicle_id).where(c.vehicle_id.in_(vehicle_ids), c.service_day == day)
    return sorted((await session.execute(dirty.union(due))).scalars())


async def unsettled(session: AsyncSession, at: datetime, patience: timedelta) -> bool:
    """Whether anything waits to be judged: looked for in the order in which work moves on, so that none slips past."""
    c = DUE.c
    dirty = (await session.execute(select(PROGRESS.c.vehicle_id).where(PROGRESS.c.dirty_from.is_not(None)).limit(1))).first()
    if dirty is not None or await overdue_days(session, at, patience, 1):
        return True
    return (await session.execute(select(c.vehicle_id).where(c.due_at <= at).limit(1))).first() is not None


async def stops_of_day(session: AsyncSession, vehicle_id: str, day: date, also: Iterable[str] = ()) -> list[Stop]:
    """The vehicle's stops of a service day, and those named; nobody else changes them until we commit."""
    c, named = STOP.c, list(also)
    wanted = and_(c.vehicle_id == vehicle_id, c.service_day == day)
    query = select(*OF_STOP).where(or_(wanted, c.stop_id.in_(named)) if named else wanted)
    return await many(session, Stop, query.order_by(c.stop_id).with_for_update())


async def stops_around(session: AsyncSession, vehicle_id: str, day: date, start: datetime, end: datetime) -> list[Stop]:
    """The vehicle's stops of other service days planned between the two."""
    c = STOP.c
    around = c.vehicle_id == vehicle_id, c.planned_at >= start, c.planned_at <= end, c.service_day != day
    return await many(session, Stop, select(*OF_STOP).where(*around))


async def overdue_without_vehicle(session: AsyncSession, day: date, at: datetime, limit: int) -> list[Stop]:
    c = STOP.c
    query = select(*OF_STOP).where(c.vehicle_id.is_(None), c.service_day == day, c.verdict == "planned", c.deadline < at)
    return await many(session, Stop, query.order_by(c.stop_id).limit(limit).with_for_update())


async def stop_for_update(session: AsyncSession, stop_id: str) -> Stop | None:
    return await one(session, Stop, select(*OF_STOP).where(STOP.c.stop_id == stop_id).with_for_update())


async def save_ruling(session: AsyncSession, stop: Stop) -> None:
    ruling = stop.ruling and as_json(stop.ruling)
    await session.execute(update(STOP).where(STOP.c.stop_id == stop.stop_id).values(ruling=ruling))


async def save_judgements(session: AsyncSession, stops: Sequence[Stop], history: Sequence[StopVerdict]) -> None:
    if not stops:
        return
    change = update(STOP).where(STOP.c.stop_id == bindparam("of_stop"))
    change = change.values({name: bindparam(f"new_{name}") for name in JUDGED})
    rows = []
    for stop in stops:
        new = {name: getattr(stop, name) for name in JUDGED}
        new |= {"verdict": stop.verdict.value, "evidence": stop.known.to_json()}
        rows.append({"of_stop": stop.stop_id} | {f"new_{name}": value for name, value in new.items()})
    await session.execute(change, rows)
    entries = [to_row(entry) | {"evidence": entry.evidence and entry.evidence.to_json()} for entry in history]
    await insert_new(session, StopVerdictRow, entries)

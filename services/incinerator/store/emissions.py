"""Raw frames, readings, means, marks, and the line-days that wait for the judge."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.tables.emissions import LineDayDue, LineMean, OperatingMark, RawFrame, Reading
from shared.db import among, insert_new, take_rows, upsert, wake
from shared.rows import table_of

FRAME, READING, MEAN, MARK, DUE = (table_of(table) for table in (RawFrame, Reading, LineMean, OperatingMark, LineDayDue))
ReadingKey = tuple[str, str, str, datetime]


async def known_frames(session: AsyncSession, frame_ids: Collection[str]) -> set[str]:
    rows = await session.execute(select(FRAME.c.frame_id).where(among(session, FRAME.c.frame_id, sorted(frame_ids))))
    return set(rows.scalars())


async def add_frames(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await insert_new(session, RawFrame, rows)


async def packets(session: AsyncSession, keys: Collection[tuple[str, str, str, int]], since: datetime) -> Sequence[RawFrame]:
    """Frames of messages in packets that may be those with these keys (MN, CN, QN, PNUM), in the order they came since then."""
    c = FRAME.c
    mns, qns = sorted({key[0] for key in keys}), sorted({key[2] for key in keys})
    query = select(RawFrame).where(among(session, c.mn, mns), c.received_at >= since, among(session, c.qn, qns), c.pnum > 1)
    return (await session.execute(query.order_by(c.received_at, c.pno))).scalars().all()


async def set_frame_time(session: AsyncSession, frame_id: str, data_at: datetime | None, *, ahead: bool) -> None:
    await session.execute(update(RawFrame).where(FRAME.c.frame_id == frame_id).values(data_at=data_at, ahead=ahead))


async def page_of_frames(
    session: AsyncSession, mn: str, start: datetime, end: datetime, after: tuple[datetime, str] | None, limit: int
) -> Sequence[RawFrame]:
    """By the time they came."""
    c = FRAME.c
    query = select(RawFrame).where(c.mn == mn, c.received_at >= start, c.received_at < end)
    if after is not None:
        query = query.where(or_(c.received_at > after[0], and_(c.received_at == after[0], c.frame_id > after[1])))
    return (await session.execute(query.order_by(c.received_at, c.frame_id).limit(limit))).scalars().all()


async def readings(session: AsyncSession, keys: Collection[ReadingKey]) -> dict[ReadingKey, dict[str, Any]]:
    """The values stored under these keys."""
    c = READING.c
    lines, times = sorted({key[0] for key in keys}), sorted({key[3] for key in keys})
    query = select(c.line_id, c.measured, c.kind, c.at, c["values"])
    rows = await session.execute(query.where(among(session, c.line_id, lines), among(session, c.at, times)))
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


async def put_readings(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Reading, rows)


async def readings_between(
    session: AsyncSession, line_id: str, start: datetime, end: datetime
) -> Sequence[tuple[str, str, datetime, dict[str, Any]]]:
    """measured, kind, at, values: as tuples, for a day of real-time data is twenty thousand."""
    c = READING.c
    query = select(c.measured, c.kind, c.at, c["values"]).where(c.line_id == line_id, c.at >= start, c.at < end)
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(query)]


async def page_of_readings(
    session: AsyncSession, line_id: str, kind: str, measured: str | None, start: datetime, end: datetime, limit: int
) -> Sequence[Reading]:
    c = READING.c
    query = select(Reading).where(c.line_id == line_id, c.kind == kind, c.at >= start, c.at < end)
    query = query if measured is None else query.where(c.measured == measured)
    return (await session.execute(query.order_by(c.at, c.measured).limit(limit))).scalars().all()


async def latest_readings(session: AsyncSession, line_ids: Collection[str], kinds: Collection[str]) -> Sequence[Reading]:
    """The newest of each line, measured thing and kind."""
    c = READING.c
    newest = (
        select(c.line_id, c.measured, c.kind, func.max(c.at).label("at"))
        .where(among(session, c.line_id, sorted(line_ids)), c.kind.in_(sorted(kinds)))
        .group_by(c.line_id, c.measured, c.kind)
        .subquery()
    )
    same = and_(*(c[name] == newest.c[name] for name in ("line_id", "measured", "kind", "at")))
    return (await session.execute(select(Reading).join(newest, same))).scalars().all()


async def touch_days(session: AsyncSession, line_days: Iterable[tuple[str, date]], at: datetime) -> None:
    """Before anything else of the transaction: writers of one line-day wait for each other here, and the judge for them."""
    rows = [{"line_id": line_id, "day": day, "touched_at": at} for line_id, day in sorted(set(line_days))]
    await upsert(session, LineDayDue, rows)
    wake(session, "judging")


async def take_due(session: AsyncSession, most: int, but: Collection[tuple[str, date]] = ()) -> list[tuple[str, date]]:
    """The line-days to be judged, taken off the list; one that a writer holds stays until it is done."""
    wanted = [tuple_(DUE.c.line_id, DUE.c.day).not_in(list(but))] if but else []
    rows = await take_rows(session, DUE, *wanted, order_by=(DUE.c.touched_at, DUE.c.line_id), limit=most)
    return [(row.line_id, row.day) for row in rows]


async def anything_due(session: AsyncSession) -> bool:
    return (await session.execute(select(DUE.c.line_id).limit(1))).first() is not None


async def marks(session: AsyncSession, line_id: str) -> Sequence[OperatingMark]:
    """In the order in which they were recorded."""
    return (await session.execute(select(OperatingMark).where(MARK.c.line_id == line_id).order_by(MARK.c.seq))).scalars().all()


async def marks_of(session: AsyncSession, line_ids: Collection[str]) -> Sequence[OperatingMark]:
    query = select(OperatingMark).where(among(session, MARK.c.line_id, sorted(line_ids))).order_by(MARK.c.line_id, MARK.c.seq)
    return (await session.execute(query)).scalars().all()


async def add_mark(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, OperatingMark, [row])


async def means_between(
    session: AsyncSession,
    line_ids: Collection[str],
    start: datetime,
    end: datetime,
    period: str | None = None,
    measured: str | None = None,
) -> Sequence[LineMean]:
    c = MEAN.c
    query = select(LineMean).where(among(session, c.line_id, sorted(line_ids)), c.start >= start, c.start < end)
    query = query if period is None else query.where(c.period == period)
    query = query if measured is None else query.where(c.measured == measured)
    return (await session.execute(query.order_by(c.start, c.measured, c.period))).scalars().all()


async def put_means(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, LineMean, rows)


async def drop_means(session: AsyncSession, rows: Iterable[LineMean]) -> None:
    for row in rows:
        await session.delete(row)


async def judged_days(session: AsyncSession, line_ids: Collection[str], since: datetime) -> Sequence[tuple[str, datetime]]:
    """The starts of the days of which there are means."""
    c = MEAN.c
    query = select(c.line_id, c.start).distinct().where(c.period == "daily", c.line_id.in_(sorted(line_ids)), c.start >= since)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def first_within(
    session: AsyncSession, line_id: str, measured: str, period: str, after: datetime, latest_start: datetime
) -> datetime | None:
    """The start of the first period from `after` to `latest_start` that was judged and within its limit."""
    c = MEAN.c
    query = select(func.min(c.start)).where(
        c.line_id == line_id,
        c.measured == measured,
        c.period == period,
        c.over.is_(False),
        c.start >= after,
        c.start <= latest_start,
    )
    first: datetime | None = (await session.execute(query)).scalar()
    return first

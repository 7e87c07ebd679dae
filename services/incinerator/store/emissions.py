"""Raw frames, readings, means, marks, and the line-days that wait for the judge."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.line_day import LineReading, Reading
from services.incinerator.domain.marks import OperatingMark
from services.incinerator.domain.means import LineMean, Period, Sent
from services.incinerator.domain.plants import RawFrame
from services.incinerator.tables.emissions import LineDayDueRow, LineMeanRow, OperatingMarkRow, RawFrameRow, ReadingRow
from shared.db import among, insert_new, take_rows, upsert, wake
from shared.rows import many, table_of, to_row, to_rows
from shared.vocabulary import Measured

FRAME, READING, MEAN, MARK, DUE = (
    table_of(table) for table in (RawFrameRow, ReadingRow, LineMeanRow, OperatingMarkRow, LineDayDueRow)
)
ReadingKey = tuple[str, Measured, Sent, datetime]
SentValues = dict[str, list[str]]
"""By suffix the QN that said it and the text."""


async def known_frames(session: AsyncSession, frame_ids: Collection[str]) -> set[str]:
    ids = await session.execute(select(FRAME.c.frame_id).where(among(session, FRAME.c.frame_id, sorted(frame_ids))))
    return set(ids.scalars())


async def add_frames(session: AsyncSession, frames: Sequence[RawFrame]) -> None:
    await insert_new(session, RawFrameRow, to_rows(frames))


async def packets(session: AsyncSession, keys: Collection[tuple[str, str, str, int]], since: datetime) -> list[RawFrame]:
    """Frames of messages in packets that may be those with these keys (MN, CN, QN, PNUM), in the order they came since then."""
    c = FRAME.c
    mns, qns = sorted({key[0] for key in keys}), sorted({key[2] for key in keys})
    query = select(*c).where(among(session, c.mn, mns), c.received_at >= since, among(session, c.qn, qns), c.pnum > 1)
    return await many(session, RawFrame, query.order_by(c.received_at, c.pno))


async def set_frame_time(session: AsyncSession, frame_id: str, data_at: datetime | None, *, ahead: bool) -> None:
    await session.execute(update(FRAME).where(FRAME.c.frame_id == frame_id).values(data_at=data_at, ahead=ahead))


async def page_of_frames(
    session: AsyncSession, mn: str, start: datetime, end: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[RawFrame]:
    """By the time they came."""
    c = FRAME.c
    query = select(*c).where(c.mn == mn, c.received_at >= start, c.received_at < end)
    if after is not None:
        query = query.where(or_(c.received_at > after[0], and_(c.received_at == after[0], c.frame_id > after[1])))
    return await many(session, RawFrame, query.order_by(c.received_at, c.frame_id).limit(limit))


async def readings(session: AsyncSession, keys: Collection[ReadingKey]) -> dict[ReadingKey, SentValues]:
    """The values stored under these keys, and under others of the same lines and times."""
    c = READING.c
    lines, times = sorted({key[0] for key in keys}), sorted({key[3] for key in keys})
    query = select(c.line_id, c.measured, c.kind, c.at, c["values"])
    stored = await session.execute(query.where(among(session, c.line_id, lines), among(session, c.at, times)))
    return {(line_id, Measured(measured), Sent(kind), at): values for line_id, measured, kind, at, values in stored}


async def save_readings(session: AsyncSession, readings: Mapping[ReadingKey, SentValues]) -> None:
    rows = [
        {"line_id": line_id, "measured": measured.value, "kind": kind.value, "at": at, "values": values}
        for (line_id, measured, kind, at), values in sorted(readings.items())
    ]
    await upsert(session, ReadingRow, rows)


async def readings_between(session: AsyncSession, line_id: str, start: datetime, end: datetime) -> list[Reading]:
    c = READING.c
    query = select(c.measured, c.kind, c.at, c["values"]).where(c.line_id == line_id, c.at >= start, c.at < end)
    return [_reading(*values) for values in await session.execute(query)]


def _reading(measured: str, kind: str, at: datetime, values: SentValues) -> Reading:
    """By hand: a day of real-time data is twenty thousand."""
    return Reading(Measured(measured), Sent(kind), at, {suffix: sent[1] for suffix, sent in values.items()})


async def page_of_readings(
    session: AsyncSession, line_id: str, kind: Sent, start: datetime, end: datetime, limit: int
) -> list[LineReading]:
    c = READING.c
    query = select(c.measured, c.kind, c.at, c["values"])
    query = query.where(c.line_id == line_id, c.kind == kind.value, c.at >= start, c.at < end)
    stored = await session.execute(query.order_by(c.at, c.measured).limit(limit))
    return [LineReading(line_id, _reading(*values)) for values in stored]


async def latest_readings(session: AsyncSession, line_ids: Collection[str], kinds: Collection[Sent]) -> list[LineReading]:
    """The newest of each line, measured thing and kind."""
    c = READING.c
    newest = (
        select(c.line_id, c.measured, c.kind, func.max(c.at).label("at"))
        .where(among(session, c.line_id, sorted(line_ids)), c.kind.in_(sorted(kinds)))
        .group_by(c.line_id, c.measured, c.kind)
        .subquery()
    )
    same = and_(*(c[name] == newest.c[name] for name in ("line_id", "measured", "kind", "at")))
    query = select(c.line_id, c.measured, c.kind, c.at, c["values"]).join(newest, same)
    return [LineReading(line_id, _reading(*values)) for line_id, *values in await session.execute(query)]


async def touch_days(session: AsyncSession, line_days: Iterable[tuple[str, date]], at: datetime) -> None:
    """Before anything else of the transaction: writers of one line-day wait for each other here, and the judge for them."""
    rows = [{"line_id": line_id, "day": day, "touched_at": at} for line_id, day in sorted(set(line_days))]
    await upsert(session, LineDayDueRow, rows)
    if rows:
        wake(session, "judging")


async def take_due(session: AsyncSession, most: int, but: Collection[tuple[str, date]] = ()) -> list[tuple[str, date]]:
    """The line-days to be judged, taken off the list; one that a writer holds stays until it is done."""
    wanted = [tuple_(DUE.c.line_id, DUE.c.day).not_in(list(but))] if but else []
    taken = await take_rows(session, DUE, *wanted, order_by=(DUE.c.touched_at, DUE.c.line_id), limit=most)
    return [(due.line_id, due.day) for due in taken]


async def anything_due(session: AsyncSession) -> bool:
    return (await session.execute(select(DUE.c.line_id).limit(1))).first() is not None


async def marks(session: AsyncSession, line_id: str) -> list[OperatingMark]:
    """In the order in which they were recorded."""
    return await many(session, OperatingMark, select(*MARK.c).where(MARK.c.line_id == line_id).order_by(MARK.c.seq))


async def marks_of(session: AsyncSession, line_ids: Collection[str]) -> list[OperatingMark]:
    query = select(*MARK.c).where(among(session, MARK.c.line_id, sorted(line_ids))).order_by(MARK.c.line_id, MARK.c.seq)
    return await many(session, OperatingMark, query)


async def add_mark(session: AsyncSession, mark: OperatingMark) -> None:
    await insert_new(session, OperatingMarkRow, [to_row(mark)])


async def means_between(
    session: AsyncSession,
    line_ids: Collection[str],
    start: datetime,
    end: datetime,
    period: str | None = None,
    measured: Measured | None = None,
) -> list[LineMean]:
    c = MEAN.c
    query = select(*c).where(among(session, c.line_id, sorted(line_ids)), c.start >= start, c.start < end)
    query = query if period is None else query.where(c.period == period)
    query = query if measured is None else query.where(c.measured == measured.value)
    return await many(session, LineMean, query.order_by(c.start, c.measured, c.period))


async def save_means(session: AsyncSession, means: Sequence[LineMean]) -> None:
    await upsert(session, LineMeanRow, to_rows(means))


async def drop_means(session: AsyncSession, means: Sequence[LineMean]) -> None:
    if means:
        c = MEAN.c
        keys = [(mean.line_id, mean.measured.value, mean.period.value, mean.start) for mean in means]
        await session.execute(delete(MEAN).where(tuple_(c.line_id, c.measured, c.period, c.start).in_(keys)))


async def judged_days(session: AsyncSession, line_ids: Collection[str], since: datetime) -> list[tuple[str, datetime]]:
    """The starts of the days of which there are means."""
    c = MEAN.c
    query = select(c.line_id, c.start).distinct().where(c.period == "daily", c.line_id.in_(sorted(line_ids)), c.start >= since)
    return [(line_id, start) for line_id, start in await session.execute(query)]


async def first_within(
    session: AsyncSession, line_id: str, measured: Measured, period: Period, after: datetime, latest_start: datetime
) -> datetime | None:
    """The start of the first period from `after` to `latest_start` that was judged and within its limit."""
    c = MEAN.c
    query = select(func.min(c.start)).where(
        c.line_id == line_id,
        c.measured == measured.value,
        c.period == period.value,
        c.over.is_(False),
        c.start >= after,
        c.start <= latest_start,
    )
    first: datetime | None = (await session.execute(query)).scalar()
    return first

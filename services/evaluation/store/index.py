"""Areas, observations and their sums, publications."""

from collections import Counter as Tally
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import SATISFACTION, Sum
from services.evaluation.tables.index import Area, Counter, IndexAppeal, KindSum, Observation, Publication, PublishedRow
from shared.db import among, copy_rows, insert_new, merge_rows, upsert
from shared.rows import table_of
from shared.scope import DISTRICT_DIGITS

AREA, COUNTER, SUM, SEEN = table_of(Area), table_of(Counter), table_of(KindSum), table_of(Observation)
PUBLISHED, ROW, APPEAL = table_of(Publication), table_of(PublishedRow), table_of(IndexAppeal)
OBSERVATION_COLUMNS = (
    "fact",
    "kind",
    "seq",
    "observation_id",
    "period",
    "area_id",
    "value_e4",
    "at",
    "detail",
    "href",
)
SUM_KEY = ("period", "area_id", "kind")
Row = dict[str, Any]


def listed(result: Any) -> list[Row]:
    return [dict(row) for row in result.mappings()]


async def next_seq(session: AsyncSession) -> int:
    """The number of this change; whoever asks next waits until we have committed."""
    taken = (await session.execute(update(COUNTER).values(seq=COUNTER.c.seq + 1).returning(COUNTER.c.seq))).scalar()
    if taken is None:
        await insert_new(session, Counter, [{"id": 1, "seq": 0}])
        return await next_seq(session)
    return int(taken)


async def put_area(session: AsyncSession, row: Row) -> None:
    await upsert(session, Area, [row])


async def areas(session: AsyncSession, level: str | None = None) -> list[Row]:
    query = select(*AREA.c).order_by(AREA.c.area_id)
    return listed(await session.execute(query if level is None else query.where(AREA.c.level == level)))


async def current(session: AsyncSession, facts: Collection[str]) -> dict[str, list[Row]]:
    """The observations that hold now, by fact."""
    found: dict[str, list[Row]] = {}
    query = select(*SEEN.c).where(among(session, SEEN.c.fact, list(facts)), SEEN.c.gone_seq.is_(None)).order_by(SEEN.c.kind)
    for row in listed(await session.execute(query)):
        found.setdefault(row["fact"], []).append(row)
    return found


async def answers_at(session: AsyncSession, href: str) -> list[Row]:
    """The residents' answers that hold now and are to be found there."""
    query = select(*SEEN.c).where(SEEN.c.href == href, SEEN.c.kind == SATISFACTION, SEEN.c.gone_seq.is_(None))
    return listed(await session.execute(query.order_by(SEEN.c.fact)))


async def replace(session: AsyncSession, seq: int, gone: Sequence[Row], new: Sequence[Row]) -> None:
    """End what held, add what holds, and keep the sums in step."""
    if gone:
        facts = sorted({row["fact"] for row in gone})
        ended = update(SEEN).where(among(session, SEEN.c.fact, facts), SEEN.c.gone_seq.is_(None))
        await session.execute(ended.values(gone_seq=seq))
    await copy_rows(session, Observation, OBSERVATION_COLUMNS, [tuple(row[name] for name in OBSERVATION_COLUMNS) for row in new])
    counts: Tally[tuple[Any, ...]] = Tally()
    totals: Tally[tuple[Any, ...]] = Tally()
    squares: Tally[tuple[Any, ...]] = Tally()
    for sign, rows in ((-1, gone), (1, new)):
        for row in rows:
            key = tuple(row[name] for name in SUM_KEY)
            counts[key] += sign
            totals[key] += sign * row["value_e4"]
            squares[key] += sign * row["value_e4"] ** 2
    changed = [(*key, counts[key], totals[key], squares[key]) for key in sorted(counts)]
    await merge_rows(session, KindSum, (*SUM_KEY, "n", "total", "squares"), changed, _added)


def _added(held: Any, new: Any) -> dict[str, Any]:
    return {"n": held.n + new.n, "total": held.total + new.total, "squares": held.squares + new.squares}


async def sums(session: AsyncSession, period: date) -> dict[str, dict[str, Sum]]:
    """Of each area that something was seen in, by kind."""
    c = SUM.c
    query = select(c.area_id, c.kind, c.n, c.total, c.squares).where(c.period == period, c.n > 0).order_by(c.area_id, c.kind)
    found: dict[str, dict[str, Sum]] = {}
    for area_id, kind, *amounts in await session.execute(query):
        found.setdefault(area_id, {})[kind] = Sum(*map(int, amounts))
    return found


async def observations(
    session: AsyncSession, period: date, area_id: str, as_of_seq: int, after: tuple[int, str, str] | None, limit: int
) -> list[Row]:
    """As they stood at a change, in the order in which they came. A district's are those of its subdistricts, too."""
    c = SEEN.c
    query = select(*c).where(
        c.period == period,
        _within(c.area_id, area_id),
        c.seq <= as_of_seq,
        or_(c.gone_seq.is_(None), c.gone_seq > as_of_seq),
    )
    if after is not None:
        seq, fact, kind = after
        later = or_(c.fact > fact, (c.fact == fact) & (c.kind > kind))
        query = query.where(or_(c.seq > seq, (c.seq == seq) & later))
    return listed(await session.execute(query.order_by(c.seq, c.fact, c.kind).limit(limit)))


def _within(column: Any, area_id: str) -> Any:
    """Bounds instead of a prefix: those are in the index whatever the database's collation is."""
    return column.between(area_id, f"{area_id}999") if len(area_id) == DISTRICT_DIGITS else column == area_id


async def observation(session: AsyncSession, observation_id: str) -> Row | None:
    query = select(*SEEN.c).where(SEEN.c.observation_id == observation_id).order_by(SEEN.c.seq.desc(), SEEN.c.kind).limit(1)
    return next(iter(listed(await session.execute(query))), None)


async def seq_now(session: AsyncSession) -> int:
    return (await session.execute(select(COUNTER.c.seq))).scalar() or 0


# --- publications -----------------------------------------------------------------------------------------------

HEAD = [column for column in PUBLISHED.c if column.name != "content"]


async def publication(session: AsyncSession, level: str, period: date, revision: int | None) -> Row | None:
    """Without a revision: the newest."""
    return await _publication(session, PUBLISHED.c, level, period, revision)


async def head(session: AsyncSession, level: str, period: date, revision: int | None) -> Row | None:
    """The same without its content, which is as long as a book."""
    return await _publication(session, HEAD, level, period, revision)


async def _publication(
    session: AsyncSession, columns: Iterable[Any], level: str, period: date, revision: int | None
) -> Row | None:
    query = select(*columns).where(PUBLISHED.c.level == level, PUBLISHED.c.period == period)
    if revision is not None:
        query = query.where(PUBLISHED.c.revision == revision)
    return next(iter(listed(await session.execute(query.order_by(PUBLISHED.c.revision.desc()).limit(1)))), None)


async def add_publication(session: AsyncSession, row: Row, rows: Sequence[Mapping[str, Any]]) -> None:
    await insert_new(session, Publication, [row])
    key = {name: row[name] for name in ("level", "period", "revision")}
    await insert_new(
        session,
        PublishedRow,
        [key | {"position": n, "area_id": one["area_id"], "row": one} for n, one in enumerate(rows, start=1)],
    )


async def rows_after(session: AsyncSession, level: str, period: date, revision: int, after: int, limit: int) -> list[Row]:
    c = ROW.c
    query = select(c.position, c.row).where(c.level == level, c.period == period, c.revision == revision, c.position > after)
    return listed(await session.execute(query.order_by(c.position).limit(limit)))


async def row_of_area(session: AsyncSession, level: str, period: date, revision: int, area_id: str) -> Row | None:
    c = ROW.c
    query = select(c.row).where(c.level == level, c.period == period, c.revision == revision, c.area_id == area_id)
    return (await session.execute(query)).scalar()


async def history(session: AsyncSession, area_id: str) -> list[Row]:
    """Every published figure of an area, corrected ones too."""
    c = ROW.c
    query = select(c.level, c.period, c.revision, c.row).where(c.area_id == area_id).order_by(c.period, c.revision)
    return listed(await session.execute(query))


async def published_after(session: AsyncSession, number: int, limit: int) -> list[Row]:
    query = select(*HEAD).where(PUBLISHED.c.number > number).order_by(PUBLISHED.c.number).limit(limit)
    return listed(await session.execute(query))


async def add_appeal(session: AsyncSession, row: Row) -> None:
    await insert_new(session, IndexAppeal, [row])


async def appeal(session: AsyncSession, appeal_id: str) -> Row | None:
    return next(iter(listed(await session.execute(select(*APPEAL.c).where(APPEAL.c.appeal_id == appeal_id)))), None)


async def decide_appeal(session: AsyncSession, appeal_id: str, values: Row) -> Row | None:
    changed = update(APPEAL).where(APPEAL.c.appeal_id == appeal_id, APPEAL.c.status == "open").values(**values)
    return next(iter(listed(await session.execute(changed.returning(*APPEAL.c)))), None)


async def appeals(session: AsyncSession) -> list[Row]:
    return listed(await session.execute(select(*APPEAL.c).order_by(APPEAL.c.filed_at.desc()).limit(1000)))


async def open_appeals(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).where(APPEAL.c.status == "open"))).scalar_one())

"""Areas, observations and their sums."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import SATISFACTION, Sum
from services.evaluation.domain.observations import Observation
from services.evaluation.domain.publications import Area
from services.evaluation.tables.index import AreaRow, Counter, KindSum, ObservationRow
from shared.assessment import AreaLevel
from shared.db import among, copy_rows, insert_new, merge_rows, upsert
from shared.districts import DISTRICT_DIGITS
from shared.rows import columns_of, many, one, table_of, to_row

AREA, COUNTER, SUM, SEEN = table_of(AreaRow), table_of(Counter), table_of(KindSum), table_of(ObservationRow)
OBSERVATION_COLUMNS = tuple(field.name for field in fields(Observation))
SUM_KEY = ("period", "area_id", "kind")


async def next_seq(session: AsyncSession) -> int:
    """The number of this change; whoever asks next waits until we have committed."""
    taken = (await session.execute(update(COUNTER).values(seq=COUNTER.c.seq + 1).returning(COUNTER.c.seq))).scalar()
    if taken is None:
        await insert_new(session, Counter, [{"id": 1, "seq": 0}])
        return await next_seq(session)
    return int(taken)


async def save_area(session: AsyncSession, area: Area) -> None:
    await upsert(session, AreaRow, [to_row(area)])


async def areas(session: AsyncSession, level: AreaLevel | None = None) -> list[Area]:
    query = select(*columns_of(Area, AREA)).order_by(AREA.c.area_id)
    return await many(session, Area, query if level is None else query.where(AREA.c.level == level.value))


async def current(session: AsyncSession, facts: Collection[str]) -> dict[str, list[Observation]]:
    """The observations that hold now, by fact."""
    by_fact: dict[str, list[Observation]] = defaultdict(list)
    query = select(*columns_of(Observation, SEEN)).where(among(session, SEEN.c.fact, list(facts)), SEEN.c.gone_seq.is_(None))
    for observation in await many(session, Observation, query.order_by(SEEN.c.kind)):
        by_fact[observation.fact].append(observation)
    return by_fact


async def answers_at(session: AsyncSession, href: str) -> list[Observation]:
    """The residents' answers that hold now and are to be found there."""
    query = select(*columns_of(Observation, SEEN)).where(
        SEEN.c.href == href, SEEN.c.kind == SATISFACTION, SEEN.c.gone_seq.is_(None)
    )
    return await many(session, Observation, query.order_by(SEEN.c.fact))


async def replace(session: AsyncSession, seq: int, gone: Sequence[Observation], new: Sequence[Observation]) -> None:
    """End what held, add what holds, and keep the sums in step."""
    if gone:
        facts = sorted({observation.fact for observation in gone})
        ended = update(SEEN).where(among(session, SEEN.c.fact, facts), SEEN.c.gone_seq.is_(None))
        await session.execute(ended.values(gone_seq=seq))
    values = [tuple(to_row(observation).values()) for observation in new]
    await copy_rows(session, ObservationRow, OBSERVATION_COLUMNS, values)
    counts: Tally[tuple[date, str, str]] = Tally()
    totals: Tally[tuple[date, str, str]] = Tally()
    squares: Tally[tuple[date, str, str]] = Tally()
    for sign, observations in ((-1, gone), (1, new)):
        for observation in observations:
            key = (observation.period, observation.area_id, observation.kind)
            counts[key] += sign
            totals[key] += sign * observation.value_e4
            squares[key] += sign * observation.value_e4**2
    changed = [(*key, counts[key], totals[key], squares[key]) for key in sorted(counts)]
    await merge_rows(session, KindSum, (*SUM_KEY, "n", "total", "squares"), changed, _added)


def _added(stored: Any, new: Any) -> dict[str, ColumnElement[int]]:
    return {"n": stored.n + new.n, "total": stored.total + new.total, "squares": stored.squares + new.squares}


async def sums(session: AsyncSession, period: date) -> dict[str, dict[str, Sum]]:
    """Of each area that something was seen in, by kind."""
    c = SUM.c
    query = select(c.area_id, c.kind, c.n, c.total, c.squares).where(c.period == period, c.n > 0).order_by(c.area_id, c.kind)
    by_area: dict[str, dict[str, Sum]] = defaultdict(dict)
    for area_id, kind, *amounts in await session.execute(query):
        by_area[area_id][kind] = Sum(*map(int, amounts))
    return by_area


async def observations(
    session: AsyncSession, period: date, area_id: str, as_of_seq: int, after: tuple[int, str, str] | None, limit: int
) -> list[Observation]:
    """As they stood at a change, in the order in which they came. A district's are those of its subdistricts, too."""
    c = SEEN.c
    query = select(*columns_of(Observation, SEEN)).where(
        c.period == period,
        _within(c.area_id, area_id),
        c.seq <= as_of_seq,
        or_(c.gone_seq.is_(None), c.gone_seq > as_of_seq),
    )
    if after is not None:
        seq, fact, kind = after
        later = or_(c.fact > fact, (c.fact == fact) & (c.kind > kind))
        query = query.where(or_(c.seq > seq, (c.seq == seq) & later))
    return await many(session, Observation, query.order_by(c.seq, c.fact, c.kind).limit(limit))


def _within(column: ColumnElement[str], area_id: str) -> ColumnElement[bool]:
    """Bounds instead of a prefix: those are in the index whatever the database's collation is."""
    return column.between(area_id, f"{area_id}999") if len(area_id) == DISTRICT_DIGITS else column == area_id


async def observation(session: AsyncSession, observation_id: str) -> Observation | None:
    query = select(*columns_of(Observation, SEEN)).where(SEEN.c.observation_id == observation_id)
    return await one(session, Observation, query.order_by(SEEN.c.seq.desc(), SEEN.c.kind).limit(1))

"""Kilograms by stage, added up by day, week and month as facts come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.periods import Grain, begin
from services.gateway.domain.weighing import ARRIVED, HAULED, LIFTED, UNLOADED, DayOfStage, Flow, Lifted, PeriodSum, taken_back
from services.gateway.tables.weighed import CityFlow, CityPosted
from shared.db import among, merge_rows, upsert
from shared.rows import table_of
from shared.scope import Scope

FLOW, POSTED = table_of(CityFlow), table_of(CityPosted)
_KEY = ("grain", "period", "stage", "stream", "district_id", "contractor_id", "site_id")
COLUMNS = (*_KEY, "net_kg", "facts")
DAY: Grain = "day"
GRAINS: tuple[Grain, ...] = ("day", "week", "month")

Dated = tuple[date, Flow]
Key = tuple[str, date, str, str, str, str, str]
Merged = dict[str, ColumnElement[Any]]


async def add(session: AsyncSession, flows: Iterable[Dated]) -> None:
    """Each is added to its day, week and month; what takes something back is negative."""
    sums: Counter[Key] = Counter()
    facts: Counter[Key] = Counter()
    for day, flow in flows:
        for grain in GRAINS:
            key = (grain, begin(day, grain), *flow[:5])
            sums[key] += flow.net_kg
            facts[key] += flow.facts
    rows = [(*key, sums[key], facts[key]) for key in sorted(sums) if sums[key] or facts[key]]
    await merge_rows(session, CityFlow, COLUMNS, rows, _added)


def _added(stored: Any, new: Any) -> Merged:
    return {"net_kg": stored.net_kg + new.net_kg, "facts": stored.facts + new.facts}


async def repost(session: AsyncSession, facts: Mapping[str, Sequence[Dated]]) -> None:
    """What each of these facts adds from now on; what it added before is taken back in the same breath."""
    query = select(POSTED.c.fact, POSTED.c.rows).where(among(session, POSTED.c.fact, list(facts)))
    stored = {row.fact: row.rows for row in await session.execute(query)}
    changes: list[Dated] = []
    posted = []
    for fact, flows in sorted(facts.items()):
        before = [(date.fromisoformat(day), Flow(*rest)) for day, *rest in stored.get(fact, [])]
        if list(flows) != before:
            changes += flows
            changes += [(day, taken_back(flow)) for day, flow in before]
            posted.append({"fact": fact, "rows": [[day.isoformat(), *flow] for day, flow in flows]})
    await add(session, changes)
    await upsert(session, CityPosted, posted)


async def of_day(session: AsyncSession, scope: Scope, day: date) -> list[DayOfStage]:
    """What the day has of every stage, by stream, district and site."""
    c = FLOW.c
    key = (c.stage, c.stream, c.district_id, c.site_id)
    query = select(*key, func.sum(c.net_kg), func.sum(c.facts)).where(c.grain == DAY, c.period == day, *scope.rows(FLOW))
    rows = await session.execute(query.group_by(*key).order_by(*key))
    return [DayOfStage(*row[:4], int(row[4]), int(row[5])) for row in rows if row[4] or row[5]]


async def on_board(session: AsyncSession, scope: Scope, before: date) -> dict[str, int]:
    """What trucks had on board by their own scales when this day began, by stream: all that was lifted and not unloaded."""
    return await _left(session, scope, before, {LIFTED: 1, UNLOADED: -1})


async def under_way(session: AsyncSession, scope: Scope, before: date) -> dict[str, int]:
    """What hauls had on board when this day began, by stream."""
    return await _left(session, scope, before, {HAULED: 1, ARRIVED: -1})


async def _left(session: AsyncSession, scope: Scope, before: date, signs: Mapping[str, int]) -> dict[str, int]:
    """Whole months from their sums, the days of the last from theirs."""
    c, first = FLOW.c, before.replace(day=1)
    whole = (c.grain == "month") & (c.period < first)
    rest = (c.grain == DAY) & (c.period >= first) & (c.period < before)
    query = select(c.stage, c.stream, func.sum(c.net_kg)).where(c.stage.in_(list(signs)), or_(whole, rest), *scope.rows(FLOW))
    left: Counter[str] = Counter()
    for stage, stream, kg in await session.execute(query.group_by(c.stage, c.stream)):
        left[stream] += signs[stage] * int(kg)
    return dict(left)


async def lifted(session: AsyncSession, scope: Scope, day: date) -> list[Lifted]:
    """What was lifted on a day, by district and stream."""
    c = FLOW.c
    key = (c.district_id, c.stream)
    here = (c.grain == DAY, c.period == day, c.stage == LIFTED, *scope.rows(FLOW))
    rows = await session.execute(_sums(key).where(*here).group_by(*key).order_by(*key))
    return [Lifted(district, stream, int(kg), int(lifts)) for district, stream, kg, lifts in rows if kg or lifts]


async def by_period(
    session: AsyncSession, scope: Scope, grain: str, spans: Sequence[tuple[date, date]], stage: str, by: str
) -> list[PeriodSum]:
    """Of the periods of these spans (first, first after), grouped by this column."""
    c = FLOW.c
    key = (c.period, c[by])
    within = or_(*((c.period >= first) & (c.period < after) for first, after in spans))
    here = (c.grain == grain, within, c.stage == stage, *scope.rows(FLOW))
    rows = await session.execute(_sums(key).where(*here).group_by(*key).order_by(*key))
    return [PeriodSum(period, name, int(kg), int(facts)) for period, name, kg, facts in rows if kg or facts]


def _sums(key: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Kilograms and facts by these columns."""
    return select(*key, func.sum(FLOW.c.net_kg), func.sum(FLOW.c.facts))

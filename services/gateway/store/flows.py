"""Kilograms by stage, added up by day, week and month as facts come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.periods import Grain, begin
from services.gateway.domain.weighing import ARRIVED, HAULED, LIFTED, UNLOADED, Flow
from services.gateway.tables.weighed import CityFlow, CityPosted
from shared.db import among, merge_rows, upsert
from shared.rows import table_of
from shared.scope import Scope

FLOW, POSTED = table_of(CityFlow), table_of(CityPosted)
KEY = ("grain", "period", "stage", "stream", "district_id", "contractor_id", "site_id")
COLUMNS = (*KEY, "net_kg", "facts")
DAY: Grain = "day"
GRAINS: tuple[Grain, ...] = ("day", "week", "month")

Dated = tuple[date, Flow]


class DayOfStage(NamedTuple):
    stage: str
    stream: str
    district_id: str
    site_id: str
    net_kg: int
    facts: int


async def add(session: AsyncSession, flows: Iterable[Dated]) -> None:
    """Each is added to its day, week and month; what takes something back is negative."""
    sums: Counter[tuple[Any, ...]] = Counter()
    facts: Counter[tuple[Any, ...]] = Counter()
    for day, flow in flows:
        for grain in GRAINS:
            key = (grain, begin(day, grain), *flow[:5])
            sums[key] += flow.net_kg
            facts[key] += flow.facts
    rows = [(*key, sums[key], facts[key]) for key in sorted(sums) if sums[key] or facts[key]]
    await merge_rows(session, CityFlow, COLUMNS, rows, _added)


def _added(held: Any, new: Any) -> dict[str, Any]:
    return {"net_kg": held.net_kg + new.net_kg, "facts": held.facts + new.facts}


async def repost(session: AsyncSession, facts: Mapping[str, Sequence[Dated]]) -> None:
    """What each of these facts adds from now on; what it added before is taken back in the same breath."""
    held = {
        row.fact: row.rows
        for row in await session.execute(select(POSTED.c.fact, POSTED.c.rows).where(among(session, POSTED.c.fact, list(facts))))
    }
    changes: list[Dated] = []
    posted = []
    for fact, flows in sorted(facts.items()):
        rows = [[day.isoformat(), *flow] for day, flow in flows]
        old = held.get(fact, [])
        if rows != old:
            changes += flows
            changes += [(date.fromisoformat(day), _taken_back(Flow(*rest))) for day, *rest in old]
            posted.append({"fact": fact, "rows": rows})
    await add(session, changes)
    await upsert(session, CityPosted, posted)


def _taken_back(flow: Flow) -> Flow:
    return flow._replace(net_kg=-flow.net_kg, facts=-flow.facts)


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


async def summed(
    session: AsyncSession, scope: Scope, grain: str, spans: Sequence[tuple[date, date]], stages: Sequence[str], by: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Kilograms and facts of the periods of these spans (first, first after), grouped by these columns."""
    c = FLOW.c
    key = [c[name] for name in by]
    within = or_(*((c.period >= first) & (c.period < after) for first, after in spans))
    query = select(*key, func.sum(c.net_kg), func.sum(c.facts)).where(
        c.grain == grain, within, c.stage.in_(list(stages)), *scope.rows(FLOW)
    )
    rows = await session.execute(query.group_by(*key).order_by(*key))
    found = [(*row[: len(key)], int(row[len(key)]), int(row[len(key) + 1])) for row in rows]
    return [row for row in found if row[-2] or row[-1]]

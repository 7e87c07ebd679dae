"""A day's stops counted by whose they are: one grouped query, by index from the day to its stops."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.progress import StopCounts
from services.route.store.plan import RUN, STOP
from shared.auth import Principal
from shared.rows import many
from shared.vocabulary import Verdict


async def counts(session: AsyncSession, principal: Principal, service_day: date, by: str) -> list[StopCounts]:
    """Of each `by`: district, contractor or route."""
    c = STOP.c
    counted = [func.count().filter(c.verdict == verdict.value).label(verdict.value) for verdict in Verdict]
    inner = select(c.run_id, c.district_id, c.contractor_id, func.count().label("stops"), *counted)
    inner = inner.where(c.service_day == service_day, *principal.scope.rows(STOP))
    runs = inner.group_by(c.run_id, c.district_id, c.contractor_id).subquery()
    sums = [func.sum(runs.c[name]).label(name) for name in ("stops", *(verdict.value for verdict in Verdict))]
    run_count = func.count(runs.c.run_id.distinct()).label("runs")
    query: Select[Any]
    if by == "route":
        query = select(RUN.c.route_id.label("key"), func.max(RUN.c.name).label("name"), run_count, *sums)
        query = query.join(runs, runs.c.run_id == RUN.c.run_id).group_by(RUN.c.route_id)
    else:
        key = runs.c[f"{by}_id"]
        query = select(key.label("key"), null().label("name"), run_count, *sums).group_by(key)
    return await many(session, StopCounts, query)

"""How far the day is: a run against its plan, and the day's stops by district, contractor or route."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.progress import StopState, progress_of
from services.route.schemas.progress import GroupBy, PaceAnswer, ProgressAnswer, ProgressGroup, RunProgress
from services.route.store import facts, plan
from services.route.store import progress as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import NotFound
from shared.versions import in_force
from shared.vocabulary import Verdict

COUNTED = ("runs", "stops", *(verdict.value for verdict in Verdict))


async def of_run(session: AsyncSession, principal: Principal, run_id: str) -> RunProgress:
    run = await plan.run(session, run_id)
    if run is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=run.vehicle_id, district_id=run.district_id, contractor_id=run.contractor_id)
    at = now()
    stops = [
        StopState(stop.planned_at, stop.stop_id, stop.verdict, stop.served_at) for stop in await plan.stops_of(session, [run_id])
    ]
    found = progress_of(stops, at, in_force(reference.progress_rules(), run.service_day))
    return RunProgress(
        run_id=run_id,
        at=at,
        known_until=await facts.known_until(session, run.vehicle_id) if run.vehicle_id else None,
        stops=found.stops,
        done=found.done,
        left=found.left,
        percent=found.percent,
        pace=PaceAnswer(**found.pace._asdict()),
        planned_finish_at=max((stop.planned_at for stop in stops), default=None),
        last_served_at=found.last_served_at,
        expected_finish_at=found.expected_finish_at if run.vehicle_id else None,
        behind_minutes=found.behind_minutes,
    )


async def of_day(session: AsyncSession, principal: Principal, service_day: date, by: GroupBy) -> ProgressAnswer:
    counts = await store.counts(session, principal, service_day, by)
    groups = sorted((_group(row) for row in counts), key=lambda group: (group.key is None, group.key))
    total = {name: sum(row[name] for row in counts) for name in COUNTED}
    return ProgressAnswer(service_day=service_day, by=by, at=now(), groups=groups, total=_group(total))


def _group(row: dict[str, Any]) -> ProgressGroup:
    count = {name: int(row[name]) for name in COUNTED}
    on_time, early, late = (count.pop(verdict) for verdict in ("collected", "early", "late"))
    done = on_time + early + late
    return ProgressGroup(
        key=row.get("key"),
        name=row.get("name"),
        waiting=count.pop("planned"),
        **count,
        done=done,
        on_time=on_time,
        early=early,
        late=late,
        punctuality=round(on_time / done, 4) if done else None,
    )

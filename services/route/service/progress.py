"""How far the day is: a run against its plan, and the day's stops by district, contractor or route."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.progress import StopState, progress_of, total
from services.route.schemas.progress import GroupBy, PaceAnswer, ProgressAnswer, ProgressGroup, RunProgress
from services.route.store import facts, plan
from services.route.store import progress as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import NotFound


async def of_run(session: AsyncSession, principal: Principal, run_id: str) -> RunProgress:
    run = await plan.run(session, run_id)
    if run is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=run.vehicle_id, district_id=run.district_id, contractor_id=run.contractor_id)
    at = now()
    stops = [
        StopState(stop.planned_at, stop.stop_id, stop.verdict, stop.served_at) for stop in await plan.stops_of(session, [run_id])
    ]
    progress = progress_of(stops, at, rulebooks.PROGRESS_RULES.on(run.service_day))
    return RunProgress.describing(
        progress,
        run_id=run_id,
        at=at,
        known_until=await facts.known_until(session, run.vehicle_id) if run.vehicle_id else None,
        pace=PaceAnswer.model_validate(progress.pace),
        planned_finish_at=max((stop.planned_at for stop in stops), default=None),
        expected_finish_at=progress.expected_finish_at if run.vehicle_id else None,
    )


async def of_day(session: AsyncSession, principal: Principal, service_day: date, by: GroupBy) -> ProgressAnswer:
    counts = await store.counts(session, principal, service_day, by)
    groups = sorted((ProgressGroup.of(count) for count in counts), key=lambda group: (group.key is None, group.key))
    return ProgressAnswer(service_day=service_day, by=by, at=now(), groups=groups, total=ProgressGroup.of(total(counts)))

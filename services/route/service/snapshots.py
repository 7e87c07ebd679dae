"""What the route service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.runs import Run
from services.route.domain.stops import Stop
from services.route.service.run_plans import run_planned
from services.route.service.verdict_records import event_of
from services.route.store import plan
from services.route.store.violations import VIOLATION
from shared.events.route import RunPlanned, StopJudged, ViolationChanged
from shared.snapshots import of_rows, of_type

RUNS = 20
"""At once: each comes with all its stops."""


async def _runs(session: AsyncSession, runs: Sequence[Run]) -> list[RunPlanned]:
    stops = await plan.stops_by_run(session, [run.run_id for run in runs])
    return [run_planned(run, stops[run.run_id], run.created_at) for run in runs]


async def _verdicts(_: AsyncSession, stops: Sequence[Stop]) -> list[StopJudged]:
    """`previous` is the verdict itself: nothing changes."""
    return [event_of(stop, stop.verdict) for stop in stops if stop.revision]


SNAPSHOTS = (
    replace(of_type(RunPlanned, plan.RUN, Run, _runs), rows=RUNS),
    of_type(StopJudged, plan.STOP, Stop, _verdicts),
    of_rows(ViolationChanged, VIOLATION),
)

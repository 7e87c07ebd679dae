"""What the route service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.service.run_plans import run_planned
from services.route.store import plan
from services.route.store.violations import VIOLATION
from shared.events.route import RunPlanned, StopJudged, ViolationChanged
from shared.snapshots import Row, Snapshot, of_rows

RUNS = 20
"""At once: each comes with all its stops."""


async def _runs(session: AsyncSession, rows: Sequence[Row]) -> list[RunPlanned]:
    stops: dict[str, list[Row]] = {row["run_id"]: [] for row in rows}
    for stop in await plan.stops_of(session, stops):
        stops[stop.run_id].append(stop.model_dump())
    return [run_planned(row, stops[row["run_id"]], row["created_at"]) for row in rows]


async def _verdicts(_: AsyncSession, rows: Sequence[Row]) -> list[StopJudged]:
    """`previous` is the verdict itself: nothing changes."""
    judged = [row for row in rows if row["revision"]]
    return [StopJudged.model_validate(row | {"previous": row["verdict"], "evidence": row["evidence"] or {}}) for row in judged]


SNAPSHOTS = (
    Snapshot(RunPlanned, plan.RUN, _runs, rows=RUNS),
    Snapshot(StopJudged, plan.STOP, _verdicts),
    of_rows(ViolationChanged, VIOLATION),
)

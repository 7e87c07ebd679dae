"""What goes on beside requests: runs are planned ahead, stops are judged, each by one process; every one counts orders."""

import asyncio
from typing import cast

from services.route.metrics import RouteMetrics
from services.route.service import judgements, run_plans
from services.route.service.vehicle_days import PreparedDays, VehicleDayKey
from services.route.store import orders, plan
from shared.app import Resources
from shared.clock import monotonic, now, service_day
from shared.setting_aside import SetAside

GATHER_SECONDS, JUDGE_SECONDS = 0.1, 0.5
OVERDUE_SECONDS = 2.0
MOST_VEHICLES = 1000
DAYS_A_TRANSACTION = 10
COUNT_SECONDS = 15.0


async def plan_ahead(resources: Resources) -> None:
    """Today's and tomorrow's runs: once a minute, and soon after the timetable changed."""
    database, zone = resources.database, resources.settings.zone
    async with database.leadership("planning") as still_leading:
        planned, planned_at = None, 0.0
        while await still_leading():
            async with database.read() as session:
                wanted = await plan.peek_plan_version(session), service_day(now(), zone)
            if wanted != planned or monotonic() - planned_at >= 60:  # noqa: PLR2004 - seconds
                async with database.transaction() as session:
                    await run_plans.plan_coming_days(session, zone)
                planned, planned_at = wanted, monotonic()
            await asyncio.sleep(1)


async def judge_stops(resources: Resources) -> None:
    """Judges what facts touched and what time passed over; at most half of the process's time goes into it."""
    database, metrics, prepared = resources.database, cast("RouteMetrics", resources.metrics), PreparedDays()
    failing: SetAside[VehicleDayKey] = SetAside("judging", metrics.set_aside)
    async with database.leadership("judging") as still_leading:
        looked_at = 0.0
        while await still_leading():
            began = monotonic()
            async with database.transaction() as session:
                await judgements.queue_touched(session, MOST_VEHICLES)
            if began - looked_at >= OVERDUE_SECONDS:
                looked_at = began
                async with database.transaction() as session:
                    await judgements.queue_overdue(session, MOST_VEHICLES)
            judged = DAYS_A_TRANSACTION
            while judged == DAYS_A_TRANSACTION and monotonic() - began < JUDGE_SECONDS:
                async with database.transaction() as session:
                    judged, verdicts = await judgements.judge_due(session, prepared, DAYS_A_TRANSACTION, failing)
                metrics.count(verdicts)
            await asyncio.sleep(max(monotonic() - began, GATHER_SECONDS))
            if judged < DAYS_A_TRANSACTION:
                await database.woken("judging", JUDGE_SECONDS)


async def count_overdue(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("RouteMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show_overdue(await orders.overdue_by_kind(session, now()))
        await asyncio.sleep(COUNT_SECONDS)

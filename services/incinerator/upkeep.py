"""What goes on beside requests: line-days are judged by one process, open exceedances are counted by every one."""

import asyncio
from typing import cast

from services.incinerator.metrics import IncineratorMetrics
from services.incinerator.service.judging import judge_due
from services.incinerator.store import emissions, exceedances
from shared.app import Resources

JUDGE_SECONDS = 1.0
DAYS_A_TRANSACTION = 4
COUNT_SECONDS = 15.0


async def judge_emissions(resources: Resources) -> None:
    """A line-day that changed is judged within a second or two, however many frames changed it."""
    database, metrics = resources.database, cast("IncineratorMetrics", resources.metrics)
    async with database.leadership("judging") as still_leading:
        while await still_leading():
            async with database.read() as session:
                due = await emissions.anything_due(session)
            if due:
                async with database.transaction() as session:
                    changed = await judge_due(session, resources.settings.zone, DAYS_A_TRANSACTION)
                metrics.count_changes(changed)
            await asyncio.sleep(JUDGE_SECONDS)


async def count_open(resources: Resources) -> None:
    metrics = cast("IncineratorMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show_open(await exceedances.open_by_kind(session))
        await asyncio.sleep(COUNT_SECONDS)

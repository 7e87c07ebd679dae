"""What goes on beside requests: line-days are judged by one process, open exceedances are counted by every one."""

import asyncio
from datetime import date
from typing import cast

from services.incinerator.metrics import IncineratorMetrics
from services.incinerator.service.figures import furnace_figures
from services.incinerator.service.judgements import judge_due
from services.incinerator.store import emissions, exceedances
from shared.app import Resources
from shared.clock import monotonic
from shared.setting_aside import SetAside

GATHER_SECONDS, JUDGE_SECONDS = 0.2, 1.0
COUNT_SECONDS = 15.0


async def judge_emissions(resources: Resources) -> None:
    """A line-day that changed is judged within a second or two, however many frames changed it; a transaction each, so that
    loggers wait for one day at most, and at most half of the process's time goes into it."""
    failing: SetAside[tuple[str, date]] = SetAside("judging", resources.metrics.set_aside)
    async with resources.database.leadership("judging") as still_leading:
        while await still_leading():
            began, more = monotonic(), True
            while more and monotonic() - began < JUDGE_SECONDS:
                more = await _judge_one(resources, failing)
            await asyncio.sleep(max(monotonic() - began, GATHER_SECONDS))
            if not more:
                await resources.database.woken("judging", JUDGE_SECONDS)


async def _judge_one(resources: Resources, failing: SetAside[tuple[str, date]]) -> bool:
    """False when nothing was waiting."""
    async with resources.database.read() as session:
        if not await emissions.anything_due(session):
            return False
    async with resources.database.transaction() as session:
        days, changed = await judge_due(session, resources.settings.zone, 1, failing)
    cast("IncineratorMetrics", resources.metrics).count_changes(changed)
    return days > 0


async def count_open(resources: Resources) -> None:
    metrics = cast("IncineratorMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show_open(await exceedances.open_by_kind(session))
            metrics.show_furnaces(await furnace_figures(session, resources.settings.zone))
        await asyncio.sleep(COUNT_SECONDS)

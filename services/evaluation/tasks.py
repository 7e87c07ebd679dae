"""What goes on beside requests: deadlines pass, figures are shown."""

import asyncio
from typing import cast

from services.evaluation.metrics import EvaluationMetrics
from services.evaluation.service import rectifications
from services.evaluation.store import contracts, findings, publications
from shared.app import Resources
from shared.setting_aside import SetAside

DUE_SECONDS, COUNT_SECONDS = 15.0, 5.0


async def judge_due(resources: Resources) -> None:
    failing: SetAside[str] = SetAside("due", resources.metrics.set_aside)
    async with resources.database.leadership("due") as still_leading:
        while await still_leading():
            async with resources.database.transaction() as session:
                judged = await rectifications.judge_due(session, resources.settings.zone, failing)
            await asyncio.sleep(0 if judged else DUE_SECONDS)


async def show_figures(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("EvaluationMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            appeals = await contracts.open_appeals(session) + await publications.open_appeals(session)
            metrics.show(*await findings.counts(session), appeals)
        await asyncio.sleep(COUNT_SECONDS)

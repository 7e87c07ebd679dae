"""What goes on beside requests: the city is counted for monitoring, the balance is worked out."""

import asyncio
import logging
from dataclasses import asdict
from datetime import date, timedelta
from typing import cast

from services.gateway.domain.tickets import Subject
from services.gateway.metrics import GatewayMetrics
from services.gateway.service import audit, balance
from services.gateway.service.figures import count_city
from services.gateway.store import city, weighed
from shared.app import Resources
from shared.clock import city_day, monotonic, now
from shared.setting_aside import SetAside

log = logging.getLogger(__name__)
ONE_DAY = timedelta(days=1)
COUNT_SECONDS = 15.0
BALANCE_SECONDS, WATCH_SECONDS = 1.0, 60.0
AT_ONCE = 50
"""Trucks, hauls and station-days to a transaction, so that consumers never wait long."""
LIFTS_KEPT = timedelta(days=100)
PURGED_AT_ONCE = 1000


async def keep_balance(resources: Resources) -> None:
    """One process of the service works it out; what changes within a second is worked out once."""
    failing: SetAside[Subject] = SetAside("balance", resources.metrics.set_aside)
    async with resources.database.leadership("balance") as still_leading:
        watched = -WATCH_SECONDS
        audited: date | None = None
        while await still_leading():
            if monotonic() - watched > WATCH_SECONDS:
                watched = monotonic()
                async with resources.database.transaction() as session:
                    await balance.watch(session)
                    await city.next_seq(session)  # nobody counts lifts beside us
                    await weighed.purge_lifts(session, now() - LIFTS_KEPT, now() - ONE_DAY, PURGED_AT_ONCE)
            if not await _work(resources, failing):
                if audited != (today := city_day(now())):  # once a night, and after a start
                    await _audit(resources, today - ONE_DAY)
                    audited = today
                await resources.database.woken("balance", BALANCE_SECONDS)


async def _work(resources: Resources, failing: SetAside[Subject]) -> bool:
    """False when nothing was waiting."""
    async with resources.database.read() as session:
        if not await weighed.anything_due(session):
            return False
    async with resources.database.transaction() as session:
        worked = await balance.work(session, resources.settings.zone, AT_ONCE, failing)
    cast("GatewayMetrics", resources.metrics).worked.inc(worked)
    return worked > 0


async def _audit(resources: Resources, day: date) -> None:
    """What differs is told, and worked out anew."""
    zone = resources.settings.zone
    async with resources.database.transaction() as session:
        deviations = await audit.audit_day(session, day, zone)
        await audit.mark_for_rework(session, deviations, day, zone)
    cast("GatewayMetrics", resources.metrics).audit_deviations.set(len(deviations))
    for deviation in deviations:
        log.error("the balance of a day differs from its facts", extra={"day": str(day), **asdict(deviation)})


async def show_city(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("GatewayMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show(await count_city(session, resources.settings.zone))
        metrics.show_backups(resources.settings.backup_dir)
        await asyncio.sleep(COUNT_SECONDS)

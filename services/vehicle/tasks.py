"""What goes on beside requests: partitions are made ahead of time, silent trucks are noticed."""

import asyncio
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.service.alerts import judge_silence, offline_before, withdraw_long_past
from services.vehicle.store import vehicle_states
from shared.app import Resources
from shared.clock import now
from shared.outbox import publish

PARTITION_SECONDS = 3600.0
DAYS_BACK, DAYS_AHEAD = 35, 3
"""Positions of days outside this window go to the default partition: rare, and readable all the same."""


async def watch_silence(resources: Resources) -> None:
    """Opens offline alerts; one process of the service does it."""
    async with resources.database.leadership("silence") as still_leading:
        while await still_leading():
            async with resources.database.transaction() as session:
                at = now()
                silent = await vehicle_states.silent_vehicles(session, offline_before(at), 500)
                if silent:
                    await publish(session, *await judge_silence(session, silent, at))
                await publish(session, *await withdraw_long_past(session, at))
            await asyncio.sleep(5)


async def keep_partitions(resources: Resources) -> None:
    """A partition of `position` for each UTC day around today; SQLite has none."""
    while True:
        if resources.database.is_postgres:
            async with resources.database.transaction() as session:
                await ensure_partitions(session, now().date())
        await asyncio.sleep(PARTITION_SECONDS)


async def ensure_partitions(session: AsyncSession, today: date) -> None:
    """Make those that are missing of the days around `today`."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('vehicle:partitions'))"))
    there = (
        select(text("relname"))
        .select_from(text("pg_class JOIN pg_inherits ON inhrelid = pg_class.oid"))
        .where(text("inhparent = 'position'::regclass"))
    )
    known = set((await session.execute(there)).scalars())
    days = [today + timedelta(days=offset) for offset in range(-DAYS_BACK, DAYS_AHEAD + 1)]
    missing = [day for day in days if partition_of(day) not in known]
    if missing:
        # Writers wait here: one already on its way to the default partition would be refused by it once the day is attached.
        await session.execute(text("LOCK TABLE position IN SHARE ROW EXCLUSIVE MODE"))
    for day in missing:
        await make_partition(session, day)


def partition_of(day: date) -> str:
    return f"position_{day:%Y%m%d}"


async def make_partition(session: AsyncSession, day: date) -> None:
    """The partition of a UTC day; rows of that day that the default partition holds move into it."""
    name = partition_of(day)
    bounds = {
        "start": datetime.combine(day, datetime.min.time()),
        "end": datetime.combine(day + timedelta(days=1), datetime.min.time()),
    }
    where = "at >= '{start}+00' AND at < '{end}+00'".format(**bounds)
    await session.execute(text(f"CREATE TABLE {name} (LIKE position INCLUDING DEFAULTS INCLUDING INDEXES)"))
    await session.execute(
        text(f"WITH moved AS (DELETE FROM position_default WHERE {where} RETURNING *) INSERT INTO {name} SELECT * FROM moved")  # noqa: S608 - dates of our own making
    )
    attach = "ALTER TABLE position ATTACH PARTITION {name} FOR VALUES FROM ('{start}+00') TO ('{end}+00')"
    await session.execute(text(attach.format(name=name, **bounds)))

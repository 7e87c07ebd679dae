"""Work that is taken is never work that somebody is just adding to: two connections, one of them in the middle."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.tickets import TRUCK
from services.gateway.store import weighed
from services.incinerator.store import emissions
from services.route.store import judgements
from shared.db import Database
from shared.settings import Settings

EARLY, LATE = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)
Mark = Callable[[AsyncSession, datetime], Awaitable[None]]
Take = Callable[[AsyncSession], Awaitable[list[Any]]]


async def mark_truck(session: AsyncSession, at: datetime) -> None:
    await weighed.mark(session, {(TRUCK, "T-1"): at})


async def take_trucks(session: AsyncSession) -> list[Any]:
    return [since for _, _, since in await weighed.take_due(session, 10)]


async def queue_day(session: AsyncSession, at: datetime) -> None:
    await judgements.queue(session, [("T-1", DAY)], at)


async def take_days(session: AsyncSession) -> list[Any]:
    return [(vehicle_id, day) for vehicle_id, day in await judgements.take_due(session, LATE, 10)]


async def touch_line(session: AsyncSession, at: datetime) -> None:
    await emissions.touch_days(session, [("L-1", DAY)], at)


async def take_lines(session: AsyncSession) -> list[Any]:
    return await emissions.take_due(session, 10)


LISTS = [("gateway", mark_truck, take_trucks), ("route", queue_day, take_days), ("incinerator", touch_line, take_lines)]


@pytest.mark.parametrize(("service", "mark", "take"), LISTS)
async def test_work_that_somebody_is_adding_to_is_left_and_found_later(
    settings: Settings, service: str, mark: Mark, take: Take
) -> None:
    """The worker comes while a late fact is being counted: it must not take the mark as it was and lose how it will be."""
    database = Database(settings, service)
    if not database.is_postgres:
        pytest.skip("SQLite has one writer: nobody is in the middle")
    async with database.transaction() as session:
        await mark(session, LATE)
    async with database.transaction() as consumer:
        await mark(consumer, EARLY)
        async with database.transaction() as worker:
            assert await take(worker) == []
    async with database.transaction() as worker:
        [work] = await take(worker)
        assert work in {EARLY, ("T-1", DAY), ("L-1", DAY)}
    async with database.transaction() as worker:
        assert await take(worker) == []
    await database.close()


@pytest.mark.parametrize(("service", "mark", "take"), LISTS)
async def test_two_workers_never_take_the_same(settings: Settings, service: str, mark: Mark, take: Take) -> None:
    database = Database(settings, service)
    if not database.is_postgres:
        pytest.skip("SQLite has one writer: there are no two workers")
    async with database.transaction() as session:
        await mark(session, EARLY)
    async with database.transaction() as first:
        assert len(await take(first)) == 1
        async with database.transaction() as second:
            assert await take(second) == []
    await database.close()


async def test_a_worker_takes_what_waited_longest_in_order_and_no_more_than_it_asked_for(settings: Settings) -> None:
    database = Database(settings, "gateway")
    hours = [5, 3, 8, 1, 7]
    async with database.transaction() as session:
        await weighed.mark(session, {(TRUCK, f"T-{hour}"): EARLY + timedelta(hours=hour) for hour in hours})
    async with database.transaction() as session:
        assert [key for _, key, _ in await weighed.take_due(session, 3)] == ["T-1", "T-3", "T-5"]
        assert [key for _, key, _ in await weighed.take_due(session, 3)] == ["T-7", "T-8"]
    await database.close()

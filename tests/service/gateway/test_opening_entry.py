"""What was lifted before the balance was kept leaves the trucks with a name, and what they really carry stays on board."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from happenings import DAY, tell
from sqlalchemy import text
from test_balance import a_day
from weighings import Weighings, answered, stream_of, worked_out

from services.gateway.domain.weighing import LIFTED, Flow
from services.gateway.store import flows
from shared.db import Database
from shared.migrations import migrate
from shared.testing import City

pytestmark = pytest.mark.usefixtures("at_ten")
BEFORE = date.fromisoformat(str(DAY)) - timedelta(days=40)


async def upgraded_again(city: City) -> None:
    """As if revision 0010, which is one of data only, and those after it had not been applied yet."""
    database: Database = city.apps["gateway"].state.resources.database
    async with database.transaction() as session:
        for column in ("lifts_purged_before", "lifts_resent_at"):
            await session.execute(text(f"ALTER TABLE city_vehicle DROP COLUMN {column}"))
        await session.execute(text("UPDATE alembic_version SET version_num = '0009'"))
    await migrate(database)


async def on_board(console: httpx.AsyncClient, day: Any) -> dict[str, int]:
    streams = (await answered(console, "/v1/balance", day=str(day)))["streams"]
    return {each["stream"]: each["on_board_end_kg"] for each in streams if each["on_board_end_kg"]}


async def test_kilograms_lifted_before_the_balance_get_an_opening_entry(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    async with gateway.apps["gateway"].state.resources.database.transaction() as session:
        await flows.add(session, [(BEFORE, Flow(LIFTED, "residual", "310104001", "K-1", "", 1_552, 30))])
    assert await on_board(console, of.day) == {"residual": 350 + 1_552}
    await upgraded_again(gateway)
    assert await on_board(console, of.day) == {"residual": 350}, "what was lifted after the last ticket is still there"
    assert await on_board(console, BEFORE) == {}
    [day] = (await answered(console, "/v1/balance", day=str(BEFORE)))["streams"]
    assert (day["lifted_kg"], day["tipped_kg"], day["residue"]) == (1_552, 0, [{"name": "before_balance", "net_kg": 1_552}])


async def test_books_without_such_kilograms_stay_as_they_are(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    before = await stream_of(console, of.day)
    await upgraded_again(gateway)
    assert await stream_of(console, of.day) == before

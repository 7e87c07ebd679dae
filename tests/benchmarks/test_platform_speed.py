"""The waste data platform with 5 million lifts and 200,000 tickets behind it: any district, any period; and a late lift.

Cost must grow with the periods that are asked for, not with the lifts behind them: so the limits are plain times.
"""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from deploy.local.postgres import LocalPostgres
from services.gateway.domain.periods import Grain
from services.gateway.service import balance, mass, platform, projections
from shared.clock import frozen
from shared.db import Database
from shared.events.vehicle import BinLifted
from shared.scope import Scope
from shared.setting_aside import SetAside
from shared.settings import Settings
from shared.testing import migrate_services

pytestmark = pytest.mark.bench
ZONE = ZoneInfo("Asia/Shanghai")
HERE = Path(__file__).parent
END = date(2026, 11, 22)
TABLE: list[tuple[str, str, str]] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print("\n\n" + "\n".join(f"{what:66} {value:>24}   {limit}" for what, value, limit in TABLE))


@pytest.fixture(scope="module")
async def city(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("platform"), database_url=postgres.create_database("platform"))  # type: ignore[arg-type]
    await migrate_services(settings, ("gateway",))
    database = Database(settings, "gateway")
    async with database.transaction() as session:
        for statement in (HERE / "five_million_lifts.sql").read_text().split(";\n"):
            await session.execute(text(statement))
    yield database
    await database.close()


def _told(what: str, taken: list[float], limit: str) -> None:
    worst = max(taken)
    TABLE.append((what, f"{statistics.median(taken):.0f} ms, worst {worst:.0f} ms", limit))


@pytest.mark.parametrize(("grain", "days"), [("day", 31), ("week", 180), ("month", 365), ("year", 365)])
async def test_any_district_and_period(city: Database, grain: Grain, days: int) -> None:
    rng, taken = Random(3), []
    for n in range(60):
        place = rng.randrange(215)
        district = str(310101 + place % 16) if n % 4 == 0 else str((310101 + place % 16) * 1000 + place // 16)
        taken.append(await _asked(city, Scope(district_ids=frozenset({district})), grain, days, rng))
    _told(f"tons by {grain}, any district, 60 questions, median", taken, "under 200 ms")
    _told("     the whole city, median of 10", [await _asked(city, Scope(), grain, days, rng) for _ in range(10)], "")
    assert max(taken) < 200


async def _asked(city: Database, scope: Scope, grain: Grain, days: int, rng: Random) -> float:
    """Milliseconds."""
    last = END - timedelta(days=rng.randrange(60))
    by, stage = rng.choice(("stream", "subdistrict", "contractor")), rng.choice(("lifted", "tipped"))
    began = time.perf_counter()
    async with city.read() as session:
        found = await platform.flows(session, scope, stage, grain, by, last - timedelta(days=days), last)
    taken = (time.perf_counter() - began) * 1000
    assert sum(row.net_kg for row in found.totals) > 0
    return taken


async def test_the_balance_of_a_day(city: Database) -> None:
    taken = []
    for back in range(30):
        began = time.perf_counter()
        async with city.read() as session:
            found = await mass.balance(session, Scope(), END - timedelta(days=back))
        taken.append((time.perf_counter() - began) * 1000)
        assert found.streams
    _told("the city's mass balance of a day, median of 30", taken, "under 200 ms")
    assert max(taken) < 200


async def test_a_late_lift_is_added_and_its_trip_worked_out_again(city: Database) -> None:
    taken = []
    with frozen(datetime(2026, 11, 22, tzinfo=UTC)):
        async with city.transaction() as session:
            while await balance.work(session, ZONE, 1000, SetAside("balance")):
                pass
        for n in range(30):
            at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=n)
            event = BinLifted(lift_id=f"late-{n}", vehicle_id=f"T-{n}", at=at, received_at=at, net_kg=55)
            began = time.perf_counter()
            async with city.transaction() as session:
                await projections.count_lifts(session, [event], ZONE)
                assert await balance.work(session, ZONE, 50, SetAside("balance")) == 1
            taken.append((time.perf_counter() - began) * 1000)
    _told("a lift three weeks late: added, its truck's trips worked out again", taken, "under 2 s")
    assert max(taken) < 2000

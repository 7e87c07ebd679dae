"""A city of 382 routes and 17,000 stops (the size of Tainan) with thirty days behind it: planning, judging, evidence.

Cost must grow with the run or the place that is asked about, not with the city: so the limits are plain times.
"""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from deploy.local.postgres import LocalPostgres
from services.route.domain.evidence import EvidenceFilters
from services.route.schemas.timetables import TimetableImport
from services.route.service import evidence, judgements, run_plans, timetables
from services.route.service.vehicle_days import PreparedDays
from services.route.store import facts, plan
from services.route.store import judgements as queue
from shared.auth import Principal
from shared.clock import frozen
from shared.db import Database
from shared.setting_aside import SetAside
from shared.settings import Settings
from shared.testing import migrate_services
from shared.vocabulary import Role

pytestmark = pytest.mark.bench
ZONE = ZoneInfo("Asia/Shanghai")
ROUTES, STOPS, DAYS = 382, 45, 30
HERE = Path(__file__).parent
FIRST = date(2026, 10, 12)
ADMIN = Principal("bench", Role.ADMIN, datetime(2100, 1, 1, tzinfo=UTC))
TABLE: list[tuple[str, str, str]] = []


def _shown(taken: list[float], unit: str) -> str:
    return f"{statistics.median(taken):.1f} {unit}"


def timetable() -> str:
    rng = Random(1)
    lines = ["route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id"]
    for route in range(ROUTES):
        lon, lat = 120.0 + rng.random() * 0.5, 22.9 + rng.random() * 0.5
        for seq in range(STOPS):
            minute = 17 * 60 + route % 60 + 5 * seq
            lon, lat = lon + rng.uniform(0.001, 0.003), lat + rng.uniform(-0.002, 0.002)
            place = f"{minute // 60}:{minute % 60:02},{lon:.6f},{lat:.6f}"
            lines.append(f"R{route},{seq},S{route}-{seq},stop {seq},{place},每日,D{route % 37},T{route}")
    return "\n".join(lines)


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print("\n\n" + "\n".join(f"{what:66} {value:>24}   {limit}" for what, value, limit in TABLE))


@pytest.fixture(scope="module")
async def city(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("rounds"), database_url=postgres.create_database("rounds"))  # type: ignore[arg-type]
    await migrate_services(settings, ("route",))
    database = Database(settings, "route")
    async with database.transaction() as session:
        report = await timetables.import_timetable(session, ADMIN, TimetableImport(content=timetable()))
    assert (report.stops, report.rejected) == (ROUTES * STOPS, [])
    yield database
    await database.close()


async def test_making_the_runs_of_a_day(city: Database) -> None:
    seconds = []
    for day in range(DAYS):
        began = time.perf_counter()
        async with city.transaction() as session:
            made = await run_plans.plan_runs(session, FIRST + timedelta(days=day), ZONE)
        seconds.append(time.perf_counter() - began)
        assert (made.runs, made.stops) == (ROUTES, ROUTES * STOPS)
    TABLE.append(("runs of a day made: 382 runs, 17,190 stops, median of 30 days", _shown(seconds, "s"), "under 10 s"))
    assert statistics.median(seconds) < 10


async def live_through(city: Database) -> None:
    async with city.transaction() as session:
        for statement in (HERE / "thirty_days.sql").read_text().split(";\n"):
            await session.execute(text(statement))


async def test_asking_for_evidence_with_thirty_days_behind_it(city: Database) -> None:
    await live_through(city)
    async with city.read() as session:
        places = (
            await session.execute(text("SELECT lon, lat FROM service_point ORDER BY md5(service_point_id) LIMIT 200"))
        ).all()
    start = datetime(2026, 11, 9, 16, tzinfo=UTC)
    day, month = [], []
    for lon, lat in places:
        for taken, days in ((day, 1), (month, 30)):
            began = time.perf_counter()
            async with city.read() as session:
                begin, end = start - timedelta(days=days - 1), start + timedelta(days=1)
                filters = EvidenceFilters(lon=lon, lat=lat, start=begin, end=end)
                answer = await evidence.service_evidence(session, ADMIN, filters, ZONE)
            taken.append((time.perf_counter() - began) * 1000)
            assert len(answer.stops) >= days
    TABLE.append(("evidence of a place for a day, 515,700 stops stored, median", _shown(day, "ms"), "under 20 ms"))
    TABLE.append(("         p95", f"{statistics.quantiles(day, n=20)[-1]:.1f} ms", ""))
    TABLE.append(("         for thirty days at once, median", _shown(month, "ms"), ""))
    assert statistics.median(day) < 20


def _fix(stop: Any, at: datetime) -> tuple[Any, ...]:
    """A fix beside the stop, in the order of facts.SEEN_COLUMNS."""
    row = {"vehicle_id": stop.vehicle_id, "at": at, "ordinal": 0, "lon": stop.lon, "lat": stop.lat, "speed_kmh": 0.0}
    row |= {"nearest_m": 2.0, "stop_id": stop.stop_id, "heading_deg": None, "reviewed_at": None, "left_out": False}
    return tuple(row[name] for name in facts.SEEN_COLUMNS)


async def test_judging_a_run_again_after_a_late_batch(city: Database) -> None:
    prepared, taken = PreparedDays(), []
    day = FIRST + timedelta(days=DAYS - 1)
    with frozen(datetime(2026, 11, 12, tzinfo=UTC)):
        for route in range(100):
            async with city.transaction() as session:
                late = [stop for stop in await plan.stops_of(session, [f"{day}:R{route}"]) if stop.seq == 10]
                fixes = [_fix(stop, stop.planned_at + timedelta(seconds=10 * n)) for stop in late for n in range(6)]
                await facts.add_observations(session, fixes)
                await queue.queue(session, [(f"T{route}", day)], datetime(2026, 11, 11, tzinfo=UTC))
            began = time.perf_counter()
            async with city.transaction() as session:
                assert (await judgements.judge_due(session, prepared, 1, SetAside("judging")))[0] == 1
            taken.append((time.perf_counter() - began) * 1000)
            async with city.read() as session:
                again = await plan.stop(session, late[0].stop_id)
            assert again is not None
            assert again.verdict == "collected"
    TABLE.append(("a run of 45 stops judged again after a late batch, median of 100", _shown(taken, "ms"), "under 50 ms"))
    assert statistics.median(taken) < 50


async def test_judging_a_day_of_ten_thousand_positions(city: Database) -> None:
    """A truck that sends every three seconds for eight hours, and stands at each of its stops."""
    prepared, taken = PreparedDays(), []
    day = FIRST + timedelta(days=DAYS - 1)
    with frozen(datetime(2026, 11, 12, tzinfo=UTC)):
        for route in range(100, 105):
            async with city.transaction() as session:
                stops = await plan.stops_of(session, [f"{day}:R{route}"])
                fixes = [_fix(stop, stop.planned_at + timedelta(seconds=n)) for stop in stops for n in range(10_000 // STOPS)]
                await facts.add_observations(session, fixes)
            for _ in range(5):
                async with city.transaction() as session:
                    await queue.queue(session, [(f"T{route}", day)], datetime(2026, 11, 11, tzinfo=UTC))
                began = time.perf_counter()
                async with city.transaction() as session:
                    assert (await judgements.judge_due(session, prepared, 1, SetAside("judging")))[0] == 1
                taken.append((time.perf_counter() - began) * 1000)
    TABLE.append(("a day of 45 stops and 10,000 positions judged, median of 25", _shown(taken, "ms"), "under 500 ms"))
    assert statistics.median(taken) < 500

"""A real city's timetable, driven by simulated trucks: the verdicts equal what the trucks really did, stop by stop."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.simulator.demo.seeding import seed_demo_city
from services.simulator.devices.fleet import provide_trucks
from services.simulator.scenarios.simulate import simulate_day
from services.simulator.scenarios.truth import compare_when_settled
from shared.client import ApiClient
from shared.clock import now
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory, real_data

pytestmark = pytest.mark.slow

MAPPING = {
    "route_id": "route_id",
    "route_name": "route_name",
    "district_id": "district",
    "seq": "stop_seq",
    "stop_id": "stop_id",
    "name": "stop_name",
    "time": "schedule_time",
    "lon": "lon",
    "lat": "lat",
    "weekdays": "days",
}
TAINAN = "tainan_garbage_route_stops_2020-05.csv"
WRONG_COORDINATES = {"7604", "7677", "8907", "17433", "17543"}


def last_monday() -> date:
    today = now().date() - timedelta(days=1)
    return today - timedelta(days=today.weekday())


def api(city: City) -> ApiClient:
    transport = httpx.ASGITransport(city.edge)
    return ApiClient("http://city.test", city.token(Role.ADMIN), timeout_seconds=300, transport=transport)


async def import_timetable(client: ApiClient, content: str, **more: Any) -> dict[str, Any]:
    body = {"format": "csv", "content": content, "mapping": MAPPING, "datum": "WGS-84", "dry_run": False} | more
    report: dict[str, Any] = await client.post("/v1/timetable-imports", body)
    return report


async def test_every_row_becomes_a_stop_or_a_named_rejection(open_city: CityFactory) -> None:
    content = real_data(TAINAN).read_text("utf-8")
    async with open_city() as city, api(city) as client:
        rehearsed = await import_timetable(client, content, dry_run=True)
        report = await import_timetable(client, content)
        again = await import_timetable(client, content)
    assert report["rows"] == 16_967 == report["stops"] + len(report["rejected"])
    assert {row["values"]["stop_id"] for row in report["rejected"]} >= WRONG_COORDINATES
    assert len(report["rejected"]) < 10
    assert all(row["code"] and row["detail"] and row["row"] for row in report["rejected"])
    for other in (rehearsed, again):
        assert {name: other[name] for name in ("rows", "stops", "routes", "rejected")} == {
            name: report[name] for name in ("rows", "stops", "routes", "rejected")
        }


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
async def test_the_verdicts_of_a_real_monday_equal_the_truth(open_city: CityFactory, tmp_path: Path) -> None:
    content = real_data(TAINAN).read_text("utf-8")
    await prove_a_day(
        open_city, tmp_path, lambda client: import_timetable(client, content), last_monday(), seed=7, stops_at_least=14_000
    )


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_the_verdicts_of_a_synthetic_day_equal_the_truth(open_city: CityFactory, tmp_path: Path) -> None:
    await prove_a_day(open_city, tmp_path, seed_demo_city, last_monday(), seed=3, stops_at_least=6_000)


async def prove_a_day(open_city: CityFactory, tmp_path: Path, load: Any, day: date, *, seed: int, stops_at_least: int) -> None:
    async with open_city() as city, api(city) as client:
        await load(client)
        await provide_trucks(client)  # before planning: a run that has begun keeps the vehicle it had, or had not
        planned = await client.post("/v1/runs/plans", {"service_day": str(day)})
        assert planned["stops"] > stops_at_least
        began = datetime.now().astimezone()
        outcome = await simulate_day(client, day, seed, interval_seconds=20, truth_file=tmp_path / "truth.jsonl", quiet=True)
        sent = datetime.now().astimezone()
        agreement = await compare_when_settled(outcome.truths, client, patience_seconds=60)
        print(f"\n{outcome}\nsent in {sent - began}, judged {datetime.now().astimezone() - sent} later\n{agreement}")
        await city.settle()
    verdicts = {truth.verdict for truth in outcome.truths}
    assert verdicts >= {"collected", "late", "missed", "unknown"}
    assert len(outcome.truths) == planned["stops"]
    assert agreement.complete, str(agreement)

"""Different records of one moment all count for stops; fixes and times that cannot be true count for none."""

from datetime import timedelta
from typing import Any

import pytest
from rounds import EVENING, LAT, LON, METRE, at, fix, judged, lift, line, planned, send, standing, timetable, verdicts

from shared.clock import frozen
from shared.vocabulary import Role
from tests.conftest import CityFactory

NIGHT = EVENING + timedelta(hours=5)


def house(number: int) -> str:
    """A service point 10 m further up the street than the one before."""
    return line(number).replace(f"{LAT + 200 * (number - 1) * METRE:.7f}", f"{LAT + 10 * (number - 1) * METRE:.7f}")


NEIGHBOURS = timetable(*map(house, (1, 2, 3)))
"""Three service points within 20 m."""


def no_access(minutes: float, point: str, **more: Any) -> dict[str, Any]:
    report = {"kind": "driver_report", "at": at(minutes).isoformat(), "code": "no_access", "service_point_id": point}
    return report | {"lon": LON, "lat": LAT} | more


async def test_reports_of_one_second_for_three_points_excuse_all_three_stops(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, NEIGHBOURS)
            reports = [no_access(12, f"R1-S{n}") for n in (1, 2, 3)]
            passing = [fix(11 + n / 6, 1, speed_kmh=20, north_m=10 * n) for n in range(12)]
            await send(city, [*passing, *reports, fix(90, 50, speed_kmh=30)])
            await judged(city)
            assert await verdicts(city) == ["excepted"] * 3


async def test_lifts_of_one_second_without_a_tag_are_all_counted(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city("gateway") as city:
            await planned(city)
            lifts = [lift(0.5, net_kg=kg) | {"tag": None} for kg in (40, 55)]
            await send(city, [*standing(0, 1), *lifts, *lifts])
            await judged(city)
            async with city.client(Role.ADMIN) as admin:
                day = {"from": "2026-11-16", "to": "2026-11-16", "grain": "day"}
                totals = (await admin.get("/v1/flows", params=day)).json()["totals"]
    assert [(row["net_kg"], row["facts"]) for row in totals] == [(95, 2)]


@pytest.mark.parametrize("live", [True, False])
async def test_a_fix_that_its_neighbours_make_impossible_collects_no_stop(open_city: CityFactory, live: bool) -> None:
    """The truck is 20 km away all evening; for a moment, twice, it seems to stand at the first stop."""
    away = [fix(minute, 100, speed_kmh=30) for minute in range(-30, 90, 1)]
    records = sorted([*away, fix(0.2, 1), fix(1.2, 1)], key=lambda record: str(record["at"]))
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            for start in range(25, 40) if live else ():
                await send(city, records[start : start + 1], gapless=False)
                await city.settle()
            await send(city, records, gapless=False)
            await judged(city)
            assert await verdicts(city) == ["missed"] * 3


async def test_a_fix_counts_for_its_stop_again_when_later_data_makes_it_possible(open_city: CityFactory) -> None:
    away = [fix(minute, 100, speed_kmh=30) for minute in (*range(-90, 0, 2), *range(10, 90, 2))]
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, [fix(-0.5, 100, speed_kmh=30), fix(1, 1), fix(1.9, 100, speed_kmh=30), *away], gapless=False)
            await judged(city)
            assert (await verdicts(city))[0] == "missed"
            await send(city, [fix(1 + n / 10, 1) for n in range(1, 8)], gapless=False)
            await judged(city)
            assert (await verdicts(city))[0] == "collected"


async def test_a_report_or_lift_of_another_decade_excuses_and_collects_nothing(open_city: CityFactory) -> None:
    long_ago = timedelta(weeks=1024)
    with frozen(NIGHT):
        async with open_city("gateway") as city:
            await planned(city)
            old = [record | {"at": (at(1) - long_ago).isoformat()} for record in (lift(1, "R1-S1"), no_access(1, "R1-S1"))]
            await send(city, [*old, fix(-60, 50, speed_kmh=30), fix(90, 50, speed_kmh=30)])
            await judged(city)
            assert await verdicts(city) == ["missed"] * 3
            async with city.client(Role.ADMIN) as admin:
                fleet = (await admin.get("/v1/vehicles/T-001")).json()["state"]
                flows = (await admin.get("/v1/flows", params={"from": "2007-01-01", "to": "2026-12-31", "grain": "year"})).json()
    assert fleet["last_at"].startswith("2026")
    assert flows["totals"] == []

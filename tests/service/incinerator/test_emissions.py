"""From frames to exceedances: open, closed, withdrawn by late data or a mark, the same in any order."""

import random
from datetime import timedelta
from typing import Any

import pytest

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.service.incinerator.plants import (
    MIDNIGHT,
    NEXT_NIGHT,
    PLANT,
    answered,
    connected,
    exceedances,
    furnace,
    hourly,
    judged,
)

IN_FORCE = (MIDNIGHT - timedelta(days=100)).isoformat()


def said(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted((one["kind"], one["pollutant"] or "", one["status"], round(one["value"], 3), one["limit"]) for one in found)


async def mark(city: City, hours: float, end: float | None, condition: str) -> None:
    body = {
        "start": (MIDNIGHT + timedelta(hours=hours)).isoformat(),
        "condition": condition,
        "note": "检修后启炉",
        "end": end if end is None else (MIDNIGHT + timedelta(hours=end)).isoformat(),
    }
    async with city.client(Role.STATION_OPERATOR, station_ids=["P-1"]) as operator:
        await answered(operator.put("/v1/lines/L-1/marks", json=body))


async def test_an_hour_over_the_limit_is_open_until_an_hour_is_within_it_again(plant: City) -> None:
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(hourly(0, 90), hourly(1, 120), hourly(2, 130))
            assert said(await exceedances(plant)) == [
                ("hourly", "so2", "open", 120, 100),
                ("hourly", "so2", "open", 130, 100),
            ]
            await device.tell(hourly(3, 60))
            found = await exceedances(plant)
        assert [one["status"] for one in found] == ["closed", "closed"]
        assert {one["closed_at"] for one in found} == {(MIDNIGHT + timedelta(hours=3)).isoformat().replace("+00:00", "Z")}
        async with plant.client(Role.AUDITOR) as evaluator:
            detail = await answered(evaluator.get(f"/v1/exceedances/{found[0]['exceedance_id']}"))
    assert [one["status"] for one in detail["history"]] == ["open", "closed"]
    assert "GB 18485-2014" in detail["source"]


async def test_late_data_withdraws_what_never_was_and_changes_what_was_less(plant: City) -> None:
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(hourly(1, 120), hourly(2, 130))
            await exceedances(plant)
            await device.tell(hourly(1, 80, qn="20261117000000000"), hourly(2, 110, qn="20261117000000001"))
        found = await exceedances(plant)
    assert [(one["status"], one["value"], one["revision"]) for one in found] == [("withdrawn", 120, 2), ("open", 110, 2)]


async def test_a_day_over_its_limit_is_an_exceedance_and_its_events_are_told(plant: City) -> None:
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(*(hourly(n, 90) for n in range(24)))
        assert said(await exceedances(plant)) == [("daily", "so2", "open", 90, 80)]
        await plant.settle()
    heard = [m for m in plant.apps["incinerator"].state.resources.bus.heard if m.type == "incinerator.exceedance_changed.v1"]
    assert len(heard) == 1
    assert b'"kind":"daily"' in heard[0].body


async def test_a_furnace_too_cold_more_than_five_times_a_day_is_a_violation_unless_marked(plant: City) -> None:
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(*(furnace(5 * n, 820) for n in range(5)), furnace(300, 851))
            assert await exceedances(plant) == []
            await device.tell(furnace(310, 849.9))
        assert said(await exceedances(plant)) == [("furnace_temperature", "", "open", 6, 5)]
        await mark(plant, 0, 0.25, "starting")
        assert said(await exceedances(plant)) == [("furnace_temperature", "", "withdrawn", 6, 5)]
        await mark(plant, 0, 0.25, "normal")
        assert said(await exceedances(plant)) == [("furnace_temperature", "", "open", 6, 5)]


async def test_a_stricter_limit_of_the_plant_judges_anew_the_days_since_it_is_valid(plant: City) -> None:
    own = {"measured": "so2", "period": "hourly", "limit": 50, "valid_from": IN_FORCE, "source": "排污许可证"}
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(hourly(1, 60))
        assert await exceedances(plant) == []
        async with plant.client(Role.ADMIN) as admin:
            await answered(admin.put("/v1/plants/P-1", json=PLANT | {"limits": [own]}))
            [found] = await exceedances(plant)
            assert (found["limit"], found["source"]) == (50, "排污许可证")
            await answered(admin.put("/v1/plants/P-1", json=PLANT))
        assert [one["status"] for one in await exceedances(plant)] == ["withdrawn"]


async def test_the_order_of_arrival_changes_no_exceedance(plant: City) -> None:
    raw = [*(hourly(n, 150 if n in {3, 4, 9} else 70) for n in range(24)), *(furnace(5 * n, 800) for n in range(7))]
    random.Random(7).shuffle(raw)
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            for start in range(0, len(raw), 5):
                await device.tell(*raw[start : start + 5])
                await judged(plant)
        # A day so far may have been over its limit for a while.
        assert [one for one in said(await exceedances(plant)) if one[2] != "withdrawn"] == [
            ("furnace_temperature", "", "open", 7, 5),
            *[("hourly", "so2", "closed", 150, 100)] * 3,
        ]


async def test_the_board_shows_each_line_with_its_limits_and_state(plant: City) -> None:
    with frozen(NEXT_NIGHT - timedelta(hours=2)):
        async with connected(plant) as device:
            await device.tell(*(hourly(n, 120 if n == 21 else 70) for n in range(22)), furnace(5, 840), furnace(10, 900))
        await mark(plant, 22, None, "fault")
        await judged(plant)
        async with plant.client(Role.DISPATCHER) as dispatcher:
            [shown] = (await answered(dispatcher.get("/v1/furnace-board")))["plants"]
    first, second = shown["lines"]
    assert (first["condition"], first["open_exceedances"], second["condition"]) == ("fault", 1, "normal")
    of = {value["measured"]: value for value in first["values"]}
    assert (of["so2"]["hour"], of["so2"]["hour_limit"], of["so2"]["day_limit"], of["so2"]["state"]) == (120, 100, 80, "exceeding")
    assert of["so2"]["day"] == pytest.approx((21 * 70 + 120) / 22)
    cold = of["furnace_temperature"]
    assert (cold["now"], cold["hour"], cold["day"], cold["day_limit"], cold["state"]) == (900, 900, 1, 5, "within")
    assert {value["state"] for value in second["values"]} == {"no_data"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_series_and_exceedances_come_as_spreadsheets(plant: City, kind: str) -> None:
    when = {"from": MIDNIGHT.isoformat(), "to": (MIDNIGHT + timedelta(days=1)).isoformat()}
    with frozen(NEXT_NIGHT):
        async with connected(plant) as device:
            await device.tell(hourly(1, 120))
        await judged(plant)
        async with plant.client(Role.STATION_OPERATOR, station_ids=["P-1"]) as operator:
            series = await operator.get("/v1/lines/L-1/emissions", params=when | {"format": kind})
            found = await operator.get("/v1/exceedances", params={"format": kind})
    assert series.status_code == found.status_code == 200
    if kind == "csv":
        assert "二氧化硫 / SO₂,120.0,mg/m³,有效 / valid" in series.text
        assert "2026-11-16 01:00:00" in found.text


async def test_an_operator_sees_and_marks_its_own_plant_only(plant: City) -> None:
    async with plant.client(Role.STATION_OPERATOR, station_ids=["P-2"]) as stranger:
        assert (await answered(stranger.get("/v1/plants")))["items"] == []
        assert (await answered(stranger.get("/v1/loggers")))["items"] == []
        for path in ("/v1/plants/P-1", "/v1/lines/L-1/marks"):
            assert (await stranger.get(path)).status_code == 404
        body = {"start": MIDNIGHT.isoformat(), "condition": "fault", "note": "x"}
        assert (await stranger.put("/v1/lines/L-1/marks", json=body)).status_code == 404
    async with plant.client(Role.STATION_OPERATOR, station_ids=["P-1"]) as own:
        assert [one["plant_id"] for one in (await answered(own.get("/v1/plants")))["items"]] == ["P-1"]
    async with plant.client(Role.DEVICE, vehicle_ids=["T-1"]) as device:
        assert (await device.get("/v1/furnace-board")).status_code == 403

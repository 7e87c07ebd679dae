"""A clock that was once ahead makes nothing look fresh for longer than it is."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from happenings import TEN, lifted, registered, tell

from shared.clock import frozen
from shared.events.vehicle import VehicleHeartbeat
from shared.testing import City


async def fleet(console: httpx.AsyncClient) -> dict[str, Any]:
    city = (await console.get("/v1/city")).json()
    return city["fleet"] | {"clocks_ahead": city["clocks_ahead"]}


async def test_a_heartbeat_from_the_future_is_held_to_now_and_said(gateway: City, console: httpx.AsyncClient) -> None:
    with frozen(TEN):
        await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN + timedelta(hours=3)))
        now = await fleet(console)
        assert (now["as_of"], now["stale"], now["clocks_ahead"]) == ("2026-11-16T02:00:00Z", False, {"vehicle": 10_800})
    with frozen(TEN + timedelta(minutes=1)):
        assert (await fleet(console))["stale"]
        await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN + timedelta(minutes=1)))
        later = await fleet(console)
        assert (later["as_of"], later["stale"], later["clocks_ahead"]) == ("2026-11-16T02:01:00Z", False, {})


async def test_a_part_that_our_own_clock_dated_ahead_is_dated_anew(gateway: City, console: httpx.AsyncClient) -> None:
    with frozen(TEN + timedelta(hours=3)):
        await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN + timedelta(hours=3)))
    with frozen(TEN):
        assert (await fleet(console))["as_of"] <= "2026-11-16T02:00:30Z"
        await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN))
        assert (await fleet(console))["as_of"] == "2026-11-16T02:00:00Z"
    with frozen(TEN + timedelta(minutes=5)):
        assert (await fleet(console))["stale"]


@pytest.mark.parametrize("flag", ["past_time", "future_time"])
async def test_a_lift_whose_time_cannot_be_true_belongs_to_no_day(gateway: City, console: httpx.AsyncClient, flag: str) -> None:
    with frozen(TEN):
        await tell(gateway, registered(), lifted(net_kg=40), lifted(net_kg=55, flags=(flag,)))
        flows = (await console.get("/v1/flows", params={"from": "2026-11-16", "to": "2026-11-16", "grain": "day"})).json()
    assert [row["net_kg"] for row in flows["totals"]] == [40]

"""A record too old to be believed (a GPS week number that rolled over) is kept, shown, and moves nothing."""

from datetime import timedelta
from typing import Any

import httpx
from trucks import START, alerts, lift, position, send, track

from services.vehicle.service.alerts import judge_silence
from services.vehicle.store.vehicle_states import silent_vehicles
from shared.clock import frozen
from shared.testing import City

ROLLED_OVER = timedelta(weeks=1024)


def old(record: dict[str, Any], back: timedelta = ROLLED_OVER) -> dict[str, Any]:
    return record | {"at": (START - back).isoformat()}


async def test_records_whose_week_number_rolled_over_move_nothing(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    report = {"kind": "driver_report", "code": "no_access"}
    batch = [
        old(record) for record in (position(0, ignition=True, speed_kmh=90), lift(0), {"kind": "load", "load_kg": 900}, report)
    ]
    with frozen(START):
        answer = await send(truck, batch)
        assert [item["flags"] for item in answer["items"]] == [["past_time"]] * 4
        state = (await admin.get("/v1/vehicles/T-1")).json()["state"]
        assert (state["last_at"], state["load_at"]) == (None, None)
        assert len(await track(admin)) == 0
        assert [fix["flags"] for fix in await track(admin, flagged=True)] == [["past_time"]]
        [shown] = (await admin.get("/v1/driver-reports")).json()["items"]
        assert shown["flags"] == ["past_time"]


async def test_a_truck_that_sends_only_such_fixes_is_not_offline_since_then(
    vehicles: City, truck: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    with frozen(START):
        await send(truck, [old(position(0, ignition=True)), old(position(60, ignition=True), timedelta(weeks=1023))])
    with frozen(START + timedelta(hours=1)):
        async with vehicles.apps["vehicle"].state.resources.database.transaction() as session:
            silent = await silent_vehicles(session, START + timedelta(minutes=50), 10)
            assert silent == []
            assert await judge_silence(session, ["T-1"], START + timedelta(hours=1)) == []
    assert await alerts(admin) == []


async def test_late_data_of_a_year_is_believed(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    with frozen(START):
        assert (await send(truck, [old(position(0), timedelta(days=365))]))["items"] == []
        assert (await admin.get("/v1/vehicles/T-1")).json()["state"]["last_at"] == "2025-11-16T02:00:00Z"

"""One fix in another city among good ones moves nothing, whatever the order of arrival."""

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest
from trucks import START, alerts, position, send, track

from services.vehicle.app import create_app
from shared import testing
from shared.clock import frozen
from shared.settings import Settings
from shared.testing import City
from shared.vocabulary import Role

FAR = {"lon": 116.40, "lat": 39.90}
BEIJING = [[116.3, 39.8], [116.5, 39.8], [116.5, 40.0], [116.3, 40.0], [116.3, 39.8]]
FENCE = {"name_zh": "北京", "name_en": "Beijing", "rule": "inside", "polygon": [BEIJING], "valid_from": "2026-01-01T00:00:00Z"}
WINDOW = {"from": START.isoformat(), "to": (START + timedelta(days=3)).isoformat()}


def good(second: int) -> dict[str, Any]:
    return position(second, lon=round(121.43 + second * 1e-5, 6), speed_kmh=20, ignition=True)


async def outcome(admin: httpx.AsyncClient) -> dict[str, Any]:
    trips = (await admin.get("/v1/vehicles/T-1/trips", params=WINDOW)).json()["items"]
    state = (await admin.get("/v1/vehicles/T-1")).json()["state"] | {"received_at": None}
    shown = await track(admin, flagged=True)
    flags = [(fix["at"], fix["lon"], fix["flags"]) for fix in shown]
    return {"alerts": await alerts(admin), "trips": trips, "state": state, "flags": sorted(flags)}


async def test_a_fix_in_another_city_is_kept_and_moves_nothing(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await admin.put("/v1/geofences/F-1", json=FENCE)
    fixes = [good(s) for s in range(0, 300, 10)]
    answer = await send(truck, [*fixes, position(145, **FAR)])
    assert [(item["index"], item["flags"]) for item in answer["items"]] == [(30, ["out_of_reach"])]
    found = await outcome(admin)
    assert [leg["distance_m"] for leg in found["trips"]] == [pytest.approx(276, abs=5)]
    assert found["alerts"] == []
    assert len(await track(admin)) == 30


async def test_a_live_fix_in_another_city_is_taken_back_by_the_next(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await admin.put("/v1/geofences/F-1", json=FENCE)
    for record in (good(0), good(10), position(20, **FAR)):
        await send(truck, [record])
    assert [alert[0] for alert in await alerts(admin)] == ["geofence"]
    await send(truck, [good(30)])
    found = await outcome(admin)
    assert found["alerts"] == []
    assert [flags for *_, flags in found["flags"]] == [[], [], ["out_of_reach"], []]


async def test_a_fix_comes_back_when_later_data_makes_it_possible(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await send(truck, [good(0), position(20, **FAR), good(40)])
    assert len(await track(admin)) == 2
    await send(truck, [position(25, **FAR)])
    assert len(await track(admin)) == 4
    assert [fix["flags"] for fix in await track(admin, flagged=True)] == [[]] * 4


async def sent_in_some_order(records: list[dict[str, Any]], rng: random.Random | None, settings: Settings) -> dict[str, Any]:
    records = list(records)
    if rng is not None:
        rng.shuffle(records)
    async with testing.city(settings, [create_app]) as city, city.client(Role.ADMIN) as admin:
        await admin.post("/v1/vehicle-imports", json={"vehicles": [{"vehicle_id": "T-1", "plate": "x"}]})
        await admin.put("/v1/geofences/F-1", json=FENCE)
        await post_in_batches(city, records, rng)
        return await outcome(admin)


async def post_in_batches(city: City, records: list[dict[str, Any]], rng: random.Random | None) -> None:
    async with city.client(Role.DEVICE, vehicle_ids=["T-1"]) as truck:
        while records:
            size = rng.choice([1, 2, 7, 30]) if rng is not None else 1000
            await send(truck, records[:size])
            records = records[size:]


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_arrival_gives_the_same_answer(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Two service days with a midnight between, jumps alone, in pairs, one after another, at the ends, and twins of a moment."""
    rng = random.Random(seed)
    begin = 13 * 3600 + 2400  # twenty minutes before midnight in Shanghai
    records = [good(second) for second in range(begin, begin + 2400, 20)]
    for _ in range(12):
        at = begin + rng.randrange(0, 2400)
        places = [FAR, {"lon": 108.94, "lat": 34.34}, {"lon": 121.9, "lat": 31.18}]
        records += [position(at + n * 7, speed_kmh=5, ignition=True, **rng.choice(places)) for n in range(rng.choice([1, 1, 2]))]
    records += [position(begin + 400, **FAR), position(begin + 1200, lon=121.4421), position(begin + 2390, **FAR)]
    with frozen(START + timedelta(days=2)):
        outcomes = [
            await sent_in_some_order(records, order, Settings(data_dir=tmp_path_factory.mktemp("order")))
            for order in (None, random.Random(seed + 10), random.Random(seed + 20))
        ]
    assert any(flags == ["out_of_reach"] for *_, flags in outcomes[0]["flags"])
    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]

"""What an onboard unit may rely on: durable, once, at its own time, refused by name."""

import asyncio
import gzip
import json
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from trucks import START, alerts, lift, position, send, track

from services.vehicle.app import create_app
from services.vehicle.service.alerts import judge_silence
from shared import testing
from shared.clock import frozen
from shared.outbox import publish
from shared.settings import Settings
from shared.testing import City
from shared.vocabulary import Role


async def test_records_are_found_where_and_when_they_say(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    full = position(0, speed_kmh=23.5, heading_deg=87.0, altitude_m=4.0, ignition=True, odometer_km=1203.4, satellites=11)
    assert await send(truck, [full, position(10)]) == {"stored": 2, "duplicates": 0, "rejected": 0, "items": [], "orders": []}
    first, second = await track(admin)
    assert {k: first[k] for k in full if k not in {"kind", "at"}} == {k: v for k, v in full.items() if k not in {"kind", "at"}}
    assert second["speed_kmh"] is None
    state = (await admin.get("/v1/vehicles/T-1")).json()["state"]
    assert (state["last_at"], state["lon"]) == ("2026-11-16T02:00:10Z", 121.43)


async def test_a_batch_sent_twice_is_stored_once(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    batch = [position(s) for s in range(50)] + [
        lift(5, side="left"),
        lift(5, side="right"),
        {**position(9), "kind": "load", "load_kg": 900},
    ]
    batch[-1] = {"kind": "load", "at": batch[-1]["at"], "load_kg": 900}
    assert (await send(truck, batch))["stored"] == 53
    answer = await send(truck, batch + [position(50)])
    assert (answer["stored"], answer["duplicates"]) == (1, 53)
    assert len(await track(admin)) == 51


async def test_the_same_record_twice_in_one_batch_counts_once(truck: httpx.AsyncClient) -> None:
    answer = await send(truck, [position(1), position(1), lift(1), lift(1)])
    assert (answer["stored"], answer["duplicates"]) == (2, 2)


async def test_requests_that_arrive_together_are_all_answered_for_themselves(vehicles: City, admin: httpx.AsyncClient) -> None:
    async with vehicles.client(Role.DEVICE, vehicle_ids=[f"T-{n}" for n in range(40)]) as client:
        sent = [send(client, [position(s) for s in range(n + 1)], f"T-{n}") for n in range(40)]
        answers = await asyncio.gather(*sent, *[send(client, [position(0)], "T-39")])
    assert [a["stored"] for a in answers[:39]] == [n + 1 for n in range(39)]
    assert answers[39]["stored"] + answers[40]["stored"] == 40


async def test_an_older_position_never_moves_the_truck_back(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await send(truck, [position(100, lon=121.5)])
    await send(truck, [position(50, lon=121.4)])
    assert (await admin.get("/v1/vehicles/T-1")).json()["state"]["lon"] == 121.5
    assert [p["lon"] for p in await track(admin)] == [121.4, 121.5]


async def test_future_and_implausible_records_are_kept_flagged_and_move_nothing(
    truck: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    with frozen(START + timedelta(minutes=5)):
        odd = [position(10, speed_kmh=400), position(20, lon=0, lat=0), position(86_400), position(30, satellites=1)]
        answer = await send(truck, [position(0), *odd, lift(5, net_kg=9000), lift(6, gross_kg=50, tare_kg=10, net_kg=99)])
    flags = {item["index"]: item["flags"] for item in answer["items"]}
    assert flags == {
        1: ["implausible_speed"],
        2: ["no_fix"],
        3: ["future_time"],
        4: ["few_satellites"],
        5: ["implausible_weight"],
        6: ["weights_disagree"],
    }
    assert (await admin.get("/v1/vehicles/T-1")).json()["state"]["last_at"] == "2026-11-16T02:00:00Z"
    assert len(await track(admin)) == 1
    assert len(await track(admin, flagged=True)) == 5


async def test_a_clock_that_ran_ahead_does_not_hide_what_comes_after(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    with frozen(START):
        await send(truck, [position(0), position(7200)])
    with frozen(START + timedelta(hours=3)):
        answer = await send(truck, [position(7200), position(3600), position(9000)])
    assert (answer["stored"], answer["duplicates"]) == (2, 1)
    assert len(await track(admin, flagged=True)) == 4


async def test_one_bad_record_is_named_and_the_others_are_stored(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    bad = [
        position(1) | {"lon": 31_180_000},
        position(2) | {"speed": 3},
        {"kind": "teleport"},
        position(3) | {"at": "2026-11-16T10:00:00"},
        7,
    ]
    answer = await send(truck, [position(0), *bad, lift(4, net_kg=4.5)])  # type: ignore[list-item, arg-type]
    assert (answer["stored"], answer["rejected"]) == (1, 6)
    assert [item["status"] for item in answer["items"]] == ["stored"] + ["rejected"] * 6
    assert all(item["code"] and item["detail"] for item in answer["items"][1:])
    assert len(await track(admin)) == 1


async def test_gzip_is_taken(truck: httpx.AsyncClient) -> None:
    body = gzip.compress(json.dumps({"vehicle_id": "T-1", "records": [position(n) for n in range(1000)]}).encode())
    answer = await truck.post(
        "/v1/telemetry", content=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
    )
    assert answer.json()["stored"] == 1000


async def test_alerts_open_grow_and_close_at_event_time(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    speeds = [30, 70, 75, 80, 40]
    await send(truck, [position(s * 10, speed_kmh=v) for s, v in enumerate(speeds[:3])])
    [open_alert] = (await admin.get("/v1/alerts", params={"status": "open"})).json()["items"]
    assert (open_alert["kind"], open_alert["opened_at"], open_alert["value"]) == ("overspeed", "2026-11-16T02:00:10Z", 75)
    await send(truck, [position(s * 10, speed_kmh=v) for s, v in enumerate(speeds) if s > 2])
    detail = (await admin.get(f"/v1/alerts/{open_alert['alert_id']}")).json()
    assert (detail["status"], detail["closed_at"], detail["value"]) == ("closed", "2026-11-16T02:00:40Z", 80)
    assert [change["status"] for change in detail["history"]] == ["open", "closed"]


async def test_a_fence_jumped_between_two_fixes_is_noticed(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    ring = [[121.43, 31.17], [121.44, 31.17], [121.44, 31.19], [121.43, 31.19], [121.43, 31.17]]
    fence = {
        "name_zh": "禁行区",
        "name_en": "Keep out",
        "rule": "inside",
        "polygon": [ring],
        "valid_from": "2026-01-01T00:00:00Z",
    }
    assert (await admin.put("/v1/geofences/F-1", json=fence)).status_code == 200
    await send(truck, [position(0, lon=121.42), position(100, lon=121.45)])
    await send(truck, [position(200, lon=121.435), position(300, lon=121.45)])
    found = [(a[0], a[1], a[2][11:19], (a[3] or "")[11:19]) for a in await alerts(admin)]
    assert found == [("geofence", "F-1", "02:00:33", "02:01:07"), ("geofence", "F-1", "02:02:47", "02:03:53")]


async def test_a_silent_truck_is_offline_until_its_late_data_fills_the_gap(
    vehicles: City, truck: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    with frozen(START + timedelta(minutes=1)):
        await send(truck, [position(s, ignition=True) for s in range(0, 60, 10)])
    with frozen(START + timedelta(minutes=30)):
        await judge(vehicles, START + timedelta(minutes=30))
        assert [(a[0], a[2][11:19], a[3]) for a in await alerts(admin)] == [("offline", "02:10:50", None)]
        await send(truck, [position(s, ignition=True) for s in range(60, 1800, 10)])
    assert await alerts(admin) == []
    [withdrawn] = (await admin.get("/v1/alerts", params={"status": "withdrawn"})).json()["items"]
    history = (await admin.get(f"/v1/alerts/{withdrawn['alert_id']}")).json()["history"]
    assert [change["status"] for change in history] == ["open", "withdrawn"]


async def test_alerts_and_trips_are_the_same_whatever_the_order_of_arrival(tmp_path_factory: pytest.TempPathFactory) -> None:
    day = drive(random.Random(7))
    outcomes = []
    for seed in (None, 1, 2, 3):
        records = list(day)
        size = 400
        if seed is not None:
            shuffler = random.Random(seed)
            shuffler.shuffle(records)
            records += shuffler.sample(day, 200)
            size = shuffler.randrange(20, 300)
        with frozen(START + timedelta(days=3)):
            async with testing.city(Settings(data_dir=tmp_path_factory.mktemp("order")), [create_app]) as city:
                outcomes.append(await driven(city, records, size))
    assert {kind for kind, *_ in outcomes[0][0]} == {"overspeed", "long_idle", "offline", "geofence", "implausible_weight"}
    assert len(outcomes[0][1]) > 5
    for outcome in outcomes[1:]:
        assert outcome == outcomes[0]


RING = [[121.44, 31.0], [121.46, 31.0], [121.46, 31.5], [121.44, 31.5], [121.44, 31.0]]
FENCE = {"name_zh": "区", "name_en": "zone", "rule": "inside", "polygon": [RING], "valid_from": "2026-01-01T00:00:00Z"}


async def driven(city: City, records: list[dict[str, object]], size: int) -> tuple[object, object, int]:
    """The alerts, trips and number of fixes after sending these records in batches of `size`."""
    async with city.client(Role.ADMIN) as admin, city.client(Role.DEVICE, vehicle_ids=["T-1"]) as truck:
        await admin.post("/v1/vehicle-imports", json={"vehicles": [{"vehicle_id": "T-1", "plate": "x", "capacity_kg": 8000}]})
        await admin.put("/v1/geofences/F-1", json=FENCE)
        for start in range(0, len(records), size):
            await send(truck, records[start : start + size])
        await judge(city, START + timedelta(days=3))
        window = {"from": START.isoformat(), "to": (START + timedelta(days=3)).isoformat()}
        trips = (await admin.get("/v1/vehicles/T-1/trips", params=window)).json()["items"]
        return await alerts(admin), trips, len(await track(admin))


async def judge(city: City, at: datetime) -> None:
    """What the watch over silent trucks does every few seconds."""
    async with city.apps["vehicle"].state.resources.database.transaction() as session:
        await publish(session, *await judge_silence(session, ["T-1"], at))


def drive(rng: random.Random) -> list[dict[str, object]]:
    """Two service days of a truck that speeds, idles, falls silent, crosses a fence and has a broken scale for a while."""
    records: list[dict[str, object]] = []
    lon, second = 121.40, 0.0
    for leg in range(24):
        for _ in range(60):
            second += 15
            speed = rng.choice([20, 30, 45, 66, 72]) if leg % 5 == 0 else 30
            lon += rng.choice([1, 1, 1, -2]) * 0.0008
            records.append(position(second, lon=round(lon, 6), speed_kmh=speed, ignition=True))
        if leg % 4 == 1:
            for _ in range(140):
                second += 15
                records.append(position(second, lon=round(lon, 6), speed_kmh=0, ignition=True))
        for n in range(5):
            weight = 9000 if 8 <= leg < 10 else rng.randrange(20, 90)
            records.append(lift(second + n, net_kg=weight, tag=f"B{n}"))
        second += 1200 if leg % 6 == 5 else 30
    return records


@pytest.mark.parametrize("zone", ["+08:00", "Z", "-05:00"])
async def test_times_of_any_zone_are_one_time(truck: httpx.AsyncClient, admin: httpx.AsyncClient, zone: str) -> None:
    at = START.astimezone(UTC)
    local = {"Z": at, "+08:00": at + timedelta(hours=8), "-05:00": at - timedelta(hours=5)}[zone]
    await send(truck, [{**position(0), "at": local.strftime("%Y-%m-%dT%H:%M:%S") + zone}])
    [stored] = await track(admin)
    assert datetime.fromisoformat(stored["at"]) == START


async def test_when_nobody_takes_events_for_long_ingest_says_later_instead_of_piling_up(settings: Settings) -> None:
    """No consumer is bound here, so nothing is ever confirmed."""
    small = settings.model_copy(update={"outbox_room": 3})
    async with testing.city(small, [create_app], migrated=True) as city, city.client(Role.DEVICE, vehicle_ids=["T-1"]) as truck:
        for n in range(6):
            assert (await truck.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [position(n)]})).status_code == 200
        async with asyncio.timeout(10):
            while (
                answer := await truck.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [position(99)]})
            ).status_code == 200:
                await asyncio.sleep(0.1)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert (await city.client(Role.ADMIN).get("/health/ready")).json()["services"]["vehicle"]["status"] == "ready"

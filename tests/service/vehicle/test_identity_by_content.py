"""Different records of one moment are all stored and all count; the same record again counts once."""

import io
import random
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image
from trucks import START, lift, position, send, track

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory

AT = START.isoformat()


def report(point: str | None = None, **more: Any) -> dict[str, Any]:
    return {"kind": "driver_report", "at": AT, "code": "no_access"} | ({"service_point_id": point} if point else {}) | more


def load(kg: int) -> dict[str, Any]:
    return {"kind": "load", "at": AT, "load_kg": kg}


DIFFERENT = [
    report("P1"),
    report("P2"),
    report("P3"),
    report("P3", note="gate locked"),
    report(),
    report(note="nobody there"),
    lift(0, 40),
    lift(0, 55),
    lift(0, 55, error_codes=["E1"]),
    lift(0, 55, gross_kg=65, tare_kg=10),
    load(900),
    load(910),
    position(0, lon=0.0, lat=0.0, satellites=0),
    position(0, lon=121.4302, satellites=9),
    position(0, lon=121.4303),
    position(0, lon=121.4303, speed_kmh=23.1),
]


async def test_different_records_of_one_moment_are_all_stored_and_a_resent_batch_counts_once(truck: httpx.AsyncClient) -> None:
    first = await send(truck, [*DIFFERENT, *DIFFERENT[:3]])
    assert (first["stored"], first["duplicates"]) == (len(DIFFERENT), 3)
    shuffled = random.Random(3).sample(DIFFERENT, len(DIFFERENT))
    for again in (DIFFERENT, shuffled, shuffled[:5]):
        answer = await send(truck, again)
        assert (answer["stored"], answer["duplicates"]) == (0, len(again))


@pytest.mark.parametrize("size", [1, 3])
async def test_different_records_of_one_moment_may_come_one_by_one(
    truck: httpx.AsyncClient, admin: httpx.AsyncClient, size: int
) -> None:
    records = random.Random(size).sample(DIFFERENT, len(DIFFERENT))
    stored = [(await send(truck, records[n : n + size]))["stored"] for n in range(0, len(records), size)]
    assert sum(stored) == len(DIFFERENT)
    assert len(await track(admin, flagged=True)) == 4
    reports = (await admin.get("/v1/driver-reports")).json()["items"]
    assert len({one["report_id"] for one in reports}) == 6


async def test_a_page_that_ends_within_a_moment_loses_no_fix_of_it(truck: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    await send(truck, [position(0, lon=121.43 + n * 1e-5) for n in range(5)])
    seen: list[float] = []
    cursor: dict[str, Any] = {}
    while True:
        window: dict[str, Any] = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "limit": 2}
        page = (await admin.get("/v1/vehicles/T-1/track", params=window | cursor)).json()
        seen += [item["lon"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == [121.43 + n * 1e-5 for n in range(5)]


SAME_SECOND = [
    report("P1", note="gate 1 locked"),
    report("P2", note="gate 2 locked"),
    lift(5, 40),
    lift(5, 55),
    position(10, lon=0.0, lat=0.0, satellites=0),
    position(10, lon=121.5002, lat=31.2, satellites=9),
]


async def test_the_truck_stands_at_the_plausible_fix_of_a_moment(open_city: CityFactory) -> None:
    batch = {"vehicle_id": "CASE-1", "records": SAME_SECOND}
    async with (
        open_city("gateway") as city,
        city.client(Role.DEVICE, vehicle_ids=["CASE-1"]) as device,
        city.client(Role.ADMIN) as admin,
    ):
        entry = {"vehicle_id": "CASE-1", "plate": "沪A1", "kind": "compactor"}
        await admin.post("/v1/vehicle-imports", json={"vehicles": [entry]})
        for stored in (6, 0):
            answer = await device.post("/v1/telemetry", json=batch)
            assert answer.json()["stored"] == stored
        assert (await admin.get("/v1/vehicles/CASE-1")).json()["state"]["lon"] == 121.5002
        await city.settle()
        fleet = (await admin.get("/v1/city")).json()["fleet"]
        lifted = (await admin.get("/v1/flows", params={"from": "2026-11-16", "to": "2026-11-16", "grain": "day"})).json()
    assert fleet["records"] == 2
    assert [row["net_kg"] for row in lifted["totals"]] == [95]


def picture(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, shade, shade)).save(out, "PNG")
    return out.getvalue()


async def photo(truck: httpx.AsyncClient, shade: int, **said: str) -> httpx.Response:
    params = {"vehicle_id": "T-1", "at": AT, "code": "no_access"} | said
    return await truck.post("/v1/driver-reports/photos", params=params, content=picture(shade))


async def shown(admin: httpx.AsyncClient) -> dict[tuple[str | None, str | None], list[str]]:
    items = (await admin.get("/v1/driver-reports")).json()["items"]
    return {(one["service_point_id"], one["note"]): one["photo_ids"] for one in items}


@pytest.mark.parametrize("photos_first", [True, False])
async def test_a_photo_belongs_to_the_report_it_was_made_for(
    truck: httpx.AsyncClient, admin: httpx.AsyncClient, photos_first: bool
) -> None:
    reports = [report("P1"), report("P2"), report("P3")]
    ids = {}
    if not photos_first:
        await send(truck, reports)
    for shade, point in enumerate(("P3", "P1", "P2")):
        answer = await photo(truck, 40 * shade, service_point_id=point)
        assert answer.status_code == 201
        ids[point] = answer.json()["photo_id"]
    if photos_first:
        await send(truck, reports)
    assert await shown(admin) == {(point, None): [ids[point]] for point in ids}


async def test_a_photo_that_names_no_place_goes_to_the_only_report_that_fits_and_asks_when_several_do(
    truck: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    early = (await photo(truck, 10)).json()["photo_id"]
    await send(truck, [report("P1")])
    late = (await photo(truck, 20)).json()["photo_id"]
    assert (await shown(admin))["P1", None] == [early, late]
    await send(truck, [report("P2")])
    answer = await photo(truck, 30)
    assert (answer.status_code, answer.json()["code"]) == (409, "which_report")
    items = (await admin.get("/v1/driver-reports")).json()["items"]
    [second] = [one["report_id"] for one in items if one["service_point_id"] == "P2"]
    assert (await photo(truck, 30, report_id=second)).status_code == 201
    assert len((await shown(admin))["P2", None]) == 1


async def test_every_report_of_a_moment_excuses_its_own_stop(vehicles: City, truck: httpx.AsyncClient) -> None:
    with frozen(START + timedelta(minutes=1)):
        answer = await send(truck, [report(f"P{n}") for n in range(3)])
    assert answer["stored"] == 3

"""What a bound dispatcher sees of vehicles and geofences: in a list and one by one alike."""

from typing import Any

import httpx
import pytest

from shared.testing import City
from shared.vocabulary import Role

RING = [[121.4, 31.1], [121.5, 31.1], [121.5, 31.2], [121.4, 31.1]]
FENCE: dict[str, Any] = {
    "name_zh": "区",
    "name_en": "zone",
    "rule": "inside",
    "polygon": [RING],
    "valid_from": "2026-01-01T00:00:00Z",
}


async def test_geofences_of_other_districts_are_not_listed(vehicles: City, admin: httpx.AsyncClient) -> None:
    for fence_id, district_id in (("F-1", "310104003"), ("F-2", "310105"), ("F-3", None)):
        assert (await admin.put(f"/v1/geofences/{fence_id}", json=FENCE | {"district_id": district_id})).status_code == 200
    bound: dict[str, list[str]]
    for bound, expected in (({"district_ids": ["310104"]}, ["F-1"]), ({"district_ids": ["310105"]}, ["F-2"]), ({}, [1, 2, 3])):
        async with vehicles.client(Role.DISPATCHER, **bound) as dispatcher:
            items = (await dispatcher.get("/v1/geofences")).json()["items"]
        assert [item["fence_id"] for item in items] == [one if isinstance(one, str) else f"F-{one}" for one in expected]
    async with vehicles.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor:
        refused = await contractor.get("/v1/geofences")
    assert (refused.status_code, "without contractor_ids" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("role", "bound", "seen"),
    [
        (Role.DISPATCHER, {"district_ids": ["310104"]}, {"T-1"}),
        (Role.DISPATCHER, {"contractor_ids": ["K-2"]}, {"T-2"}),
        (Role.DISPATCHER, {"district_ids": ["310104"], "contractor_ids": ["K-2"]}, set()),
        (Role.DISPATCHER, {}, {"T-1", "T-2"}),
        (Role.DEVICE, {"vehicle_ids": ["T-2"]}, {"T-2"}),
        (Role.DISPATCHER, {"vehicle_ids": ["T-2"]}, None),
        (Role.DEVICE, {}, None),
        (Role.ADMIN, {"station_ids": ["S-1"]}, None),
    ],
)
async def test_a_vehicle_is_seen_alone_where_it_is_seen_in_the_list(
    vehicles: City, admin: httpx.AsyncClient, role: Role, bound: dict[str, list[str]], seen: set[str] | None
) -> None:
    trucks = [
        {"vehicle_id": "T-1", "plate": "沪A1", "district_id": "310104003", "contractor_id": "K-1"},
        {"vehicle_id": "T-2", "plate": "沪A2", "district_id": "310105", "contractor_id": "K-2"},
    ]
    assert (await admin.post("/v1/vehicle-imports", json={"vehicles": trucks})).status_code == 200
    async with vehicles.client(role, **bound) as client:
        listed = await client.get("/v1/vehicles")
        alone = {one: (await client.get(f"/v1/vehicles/{one}")).status_code for one in ("T-1", "T-2")}
    if seen is None:
        assert (listed.status_code, set(alone.values())) == (403, {403})
        return
    assert {item["vehicle_id"] for item in listed.json()["items"]} == seen
    assert {one for one, status in alone.items() if status == 200} == seen
    assert set(alone.values()) <= {200, 404}

"""Tokens that the gateway issues are taken by every service, reach as far as they say, and end when they say."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from happenings import TEN

from services.gateway.app import create_app as gateway
from services.vehicle.app import create_app as vehicle
from shared import testing
from shared.clock import frozen
from shared.scope import BINDINGS, HONOURED
from shared.settings import Settings
from shared.testing import City
from shared.vocabulary import Role

pytestmark = pytest.mark.usefixtures("at_ten")
RECORD = {"kind": "load", "at": "2026-11-16T02:00:00Z", "load_kg": 100}


@pytest.fixture
async def issuing(settings: Settings) -> AsyncIterator[City]:
    async with testing.city(settings, [vehicle, gateway], migrated=True) as city:
        yield city


async def issue(city: City, **body: Any) -> httpx.Response:
    async with city.client(Role.ADMIN) as admin:
        return await admin.post("/v1/credentials", json=body)


async def districts_imported(city: City, district_id: str) -> None:
    ring = [[121.4, 31.1], [121.5, 31.1], [121.5, 31.2], [121.4, 31.1]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"district_id": district_id, "name_zh": "天平街道", "name_en": "Tianping"},
    }
    body = {"datum": "wgs84", "content": {"type": "FeatureCollection", "features": [feature]}}
    async with city.client(Role.ADMIN) as admin:
        answer = await admin.post("/v1/district-imports", json=body)
    assert answer.status_code == 200, answer.text


async def use(city: City, token: str, method: str, path: str, **more: Any) -> int:
    async with city.client() as client:
        return (await client.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)).status_code


async def test_a_device_token_opens_its_own_vehicle_only(issuing: City) -> None:
    answer = await issue(issuing, role="device", vehicle_ids=["T-1"])
    assert answer.status_code == 200
    token = answer.json()["token"]
    for vehicle_id, status in (("T-1", 200), ("T-2", 403)):
        batch = {"vehicle_id": vehicle_id, "records": [RECORD]}
        assert await use(issuing, token, "POST", "/v1/telemetry", json=batch) == status
    assert await use(issuing, token, "GET", "/v1/city") == 403


async def test_a_token_ends_when_it_says(issuing: City) -> None:
    answer = (await issue(issuing, role="dispatcher", ttl_seconds=600)).json()
    assert answer["expires_at"] == "2026-11-16T02:10:00Z"
    for minutes, status in ((9, 200), (10, 401)):
        with frozen(TEN + timedelta(minutes=minutes)):
            assert await use(issuing, answer["token"], "GET", "/v1/city") == status


async def test_a_device_must_name_its_vehicle(issuing: City) -> None:
    answer = await issue(issuing, role="device")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "vehicle_ids" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role": "emperor"},
        {"role": "admin", "ttl_seconds": 59},
        {"role": "admin", "ttl_seconds": 366 * 86_400 + 1},
        {"role": "admin", "colour": "red"},
        {"role": "device", "vehicle_ids": ["../T-1"]},
        {"role": "dispatcher", "district_ids": ["\u0000"]},
        {"role": "dispatcher", "district_ids": [f"{n}" for n in range(201)]},
    ],
    ids=str,
)
async def test_a_wish_that_does_not_fit_is_refused(issuing: City, body: dict[str, Any]) -> None:
    assert (await issue(issuing, **body)).status_code == 422


UNHONOURED = [(role, binding) for role in Role for binding in BINDINGS if binding not in HONOURED[role]]


@pytest.mark.parametrize(("role", "binding"), UNHONOURED)
async def test_a_binding_that_a_role_cannot_honour_is_refused_when_issued(issuing: City, role: Role, binding: str) -> None:
    own = {"vehicle_ids": ["T-1"]} if role is Role.DEVICE else {}
    answer = await issue(issuing, role=role.value, **own | {binding: ["X-1"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "binding_not_honoured")
    assert f"without {binding}" in answer.json()["detail"]


async def test_a_token_is_not_bound_to_a_district_that_the_city_does_not_have(issuing: City) -> None:
    assert (await issue(issuing, role="dispatcher", district_ids=["310105"])).status_code == 200, "no districts are known yet"
    await districts_imported(issuing, "310104003")
    for district_id, status in (("310104", 200), ("310104003", 200), ("310105", 422), ("310104004", 422)):
        answer = await issue(issuing, role="dispatcher", district_ids=[district_id])
        assert (answer.status_code, district_id in answer.text) == (status, status != 200), district_id


async def test_a_dispatcher_bound_to_a_station_reads_no_vehicle_and_no_city(issuing: City) -> None:
    """Such tokens were issued once."""
    for binding in ("station_ids", "vehicle_ids"):
        token = issuing.token(Role.DISPATCHER, **{binding: ["S-1"]})
        for path in ("/v1/city", "/v1/vehicles", "/v1/vehicles/T-1", "/v1/balance"):
            assert await use(issuing, token, "GET", path) == 403, path


async def test_only_an_admin_issues(issuing: City) -> None:
    for role in set(Role) - {Role.ADMIN}:
        assert await use(issuing, issuing.token(role), "POST", "/v1/credentials", json={"role": "admin"}) == 403
    assert await use(issuing, issuing.token(Role.ADMIN), "POST", "/v1/credentials", json={"role": "admin"}) == 200


async def test_each_token_is_another_one(issuing: City) -> None:
    tokens = {(await issue(issuing, role="dispatcher")).json()["token"] for _ in range(3)}
    assert len(tokens) == 3

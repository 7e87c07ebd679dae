"""One vehicle, asked of the services behind the view: what answers is shown, what is silent is named."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from happenings import TIANPING
from streams import served

from deploy.local.ports import free_port
from services.gateway.app import create_app as gateway
from services.gateway.service import drilldown
from services.route.app import create_app as route
from services.vehicle.app import create_app as vehicle
from shared import testing
from shared.settings import Settings
from shared.vocabulary import Role

Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
OF_T1 = {"vehicle_id": "T-1", "plate": "沪A12345", "kind": "compactor", "district_id": TIANPING}


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The suite behind real HTTP, T-1 registered in Tianping; `settings` says where the gateway looks for the services."""

    @asynccontextmanager
    async def open_up(
        role: Role = Role.DISPATCHER, scope: dict[str, list[str]] | None = None, **urls: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        port = free_port()
        settings = Settings(data_dir=tmp_path_factory.mktemp("city")).model_copy(update={"port": port} | urls)
        async with testing.city(settings, [vehicle, route, gateway]) as city, served(city.edge, port):
            async with city.client(Role.ADMIN) as admin:
                assert (await admin.post("/v1/vehicle-imports", json={"vehicles": [OF_T1]})).status_code == 200
            async with city.client(role, **(scope or {})) as client:
                yield client
            for api in (city.apps["gateway"].state.vehicle_api, city.apps["gateway"].state.route_api):
                await api.close()

    return open_up


async def test_every_service_answers(opened: Opened) -> None:
    async with opened() as client:
        found = (await client.get("/v1/city/vehicles/T-1")).json()
    assert found["vehicle"]["plate"] == "沪A12345"
    assert (found["runs"], found["alerts"], found["missing"]) == ([], [], [])


@pytest.mark.parametrize("silent", ["vehicle", "route"])
async def test_a_service_that_is_down_is_named_and_its_part_is_empty(opened: Opened, silent: str) -> None:
    async with opened(**{f"{silent}_url": f"http://127.0.0.1:{free_port()}"}) as client:
        answer = await client.get("/v1/city/vehicles/T-1")
    found = answer.json()
    assert (answer.status_code, found["missing"]) == (200, [silent])
    assert (found["vehicle"] is None, found["alerts"] is None, found["runs"] is None) == (
        silent == "vehicle",
        silent == "vehicle",
        silent == "route",
    )


async def test_a_service_that_hangs_is_not_waited_for(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilldown, "PATIENCE_SECONDS", 0.2)

    async def hang(scope: object, receive: object, send: object) -> None:
        while (await receive())["type"] != "http.disconnect":  # type: ignore[operator]
            pass

    async with served(hang) as url, opened(route_url=url) as client:
        found = (await client.get("/v1/city/vehicles/T-1")).json()
    assert (found["missing"], found["vehicle"]["vehicle_id"]) == (["route"], "T-1")


async def test_a_service_that_speaks_nonsense_is_silent(opened: Opened) -> None:
    """An ingress that lost its way answers 200 with a page, or 404 for a list."""

    async def page(scope: object, receive: object, send: Callable[..., object]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b"<html>it works</html>"})  # type: ignore[misc]

    async with served(page) as url, opened(route_url=url) as client:
        found = (await client.get("/v1/city/vehicles/T-1")).json()
    assert (found["missing"], found["runs"]) == (["route"], None)


async def test_a_vehicle_nobody_knows_is_not_found(opened: Opened) -> None:
    async with opened() as client:
        assert (await client.get("/v1/city/vehicles/T-9")).status_code == 404


async def test_another_districts_vehicle_is_not_found(opened: Opened) -> None:
    async with opened(scope={"district_ids": ["310101"]}) as client:
        assert (await client.get("/v1/city/vehicles/T-1")).status_code == 404
    async with opened(scope={"district_ids": ["310104"]}) as client:
        assert (await client.get("/v1/city/vehicles/T-1")).status_code == 200

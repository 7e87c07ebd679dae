"""Real garbage trucks: every fix once, however often and in whatever order their tracks arrive."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from services.simulator.scenarios.replay import replay
from shared.client import ApiClient
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory, real_data

pytestmark = pytest.mark.slow
NEW_YORK = ZoneInfo("America/New_York")

# A day of two made-up trucks in the same shape as the real file, with a doubled line and one that cannot be read.
SMALL = """vehicle,timestamp_local,latitude,longitude,address
A-1,2015-12-10T08:00:00,40.70000,-74.08000,start
A-1,2015-12-10T08:01:00,40.70300,-74.08000,moving
A-1,2015-12-10T08:02:00,40.70600,-74.08000,moving
A-1,2015-12-10T08:03:00,40.70601,-74.08001,standing
A-1,2015-12-10T08:06:00,40.70600,-74.08000,standing
A-1,2015-12-10T08:07:00,40.70900,-74.08000,moving
A-1,2015-12-10T08:08:00,40.71200,-74.08000,moving
A-1,2015-12-10T08:08:00,40.71200,-74.08000,the same line again
A-1,2015-12-10T08:09:00,nowhere,-74.08000,broken
B-2,2014-01-02T23:59:30,40.69000,-74.09000,stale
"""


@pytest.fixture(params=["small", "jersey city"])
def tracks(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
    """A file of tracks and how many different fixes it holds."""
    if request.param == "small":
        path = tmp_path / "small.csv"
        path.write_text(SMALL)
        return path, 8
    return real_data("jersey_city_garbage_trucks_gps_2015.csv"), 8349


def api(city: City) -> ApiClient:
    transport = httpx.ASGITransport(city.edge)
    return ApiClient("http://city.test", city.token(Role.ADMIN), timeout_seconds=120, transport=transport)


async def stored(client: ApiClient) -> dict[str, list[str]]:
    """The times of every stored fix by vehicle."""
    found = {}
    for vehicle_id in await vehicles(client):
        window = {"from": "2000-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "limit": 10_000, "flagged": "true"}
        page = await client.get(f"/v1/vehicles/{vehicle_id}/track", window)
        found[vehicle_id] = [item["at"] for item in page["items"]]
    return found


async def vehicles(client: ApiClient) -> list[str]:
    return [item["vehicle_id"] for item in (await client.get("/v1/vehicles", {"limit": 1000}))["items"]]


async def legs(client: ApiClient) -> dict[str, Any]:
    window = {"from": "2015-12-10T00:00:00-05:00", "to": "2015-12-11T00:00:00-05:00"}
    return {v: (await client.get(f"/v1/vehicles/{v}/trips", window))["items"] for v in await vehicles(client)}


async def test_every_fix_is_stored_once_and_trips_do_not_depend_on_the_order(
    open_city: CityFactory, tracks: tuple[Path, int]
) -> None:
    path, count = tracks
    async with open_city() as city, api(city) as client:
        await replay(client, path, zone=NEW_YORK, shuffle_seed=5, quiet=True)
        once, shuffled_legs = await stored(client), await legs(client)
        again = await replay(client, path, zone=NEW_YORK, quiet=True)
        third = await replay(client, path, zone=NEW_YORK, shuffle_seed=9, quiet=True)
        assert await stored(client) == once
        assert await legs(client) == shuffled_legs
        await city.settle()
        counted = (await client.get("/v1/city"))["fleet"]["records"]
    assert sum(map(len, once.values())) == count == counted
    assert all(len(set(times)) == len(times) for times in once.values())
    assert (again.stored, third.stored) == (0, 0)
    assert any(leg["kind"] == "stop" for found in shuffled_legs.values() for leg in found)


async def test_trips_in_order_equal_trips_out_of_order(open_city: CityFactory, tracks: tuple[Path, int], tmp_path: Path) -> None:
    """The same tracks under other names, sent in another order, make the same trips."""
    path, _ = tracks
    head, *rows = path.read_text("utf-8").splitlines()
    renamed = tmp_path / "renamed.csv"
    renamed.write_text("\n".join([head, *(f"X{row}" for row in rows)]) + "\n", "utf-8")
    async with open_city() as city, api(city) as client:
        await replay(client, path, zone=NEW_YORK, quiet=True)
        await replay(client, renamed, zone=NEW_YORK, shuffle_seed=11, quiet=True)
        found = await legs(client)
    originals = {vehicle_id: made for vehicle_id, made in found.items() if not vehicle_id.startswith("X")}
    assert len(found) == 2 * len(originals)
    assert any(originals.values())
    for vehicle_id, made in originals.items():
        assert found[f"X{vehicle_id}"] == made

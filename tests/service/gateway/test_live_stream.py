"""The live stream over real HTTP: a snapshot, then changes, nothing twice and nothing missed."""

import asyncio
import gc
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from happenings import CAOHEJING, TEN, TIANPING, XUHUI, alert, judged, moved, planned, registered, tell
from sqlalchemy import event
from streams import following, served

from services.gateway.schemas.city import VehicleRow
from services.gateway.service import live
from shared.clock import frozen
from shared.events.vehicle import VehicleHeartbeat
from shared.testing import City, until
from shared.vocabulary import Role

BOX = {"box": "121.40,31.10,121.50,31.20"}
pytestmark = pytest.mark.usefixtures("at_ten")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten looks a second instead of one."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)


@pytest.fixture
async def url(gateway: City) -> AsyncIterator[str]:
    async with served(gateway.edge) as address:
        yield address


def ids(rows: list[dict[str, str]]) -> list[str]:
    return sorted(row["vehicle_id"] for row in rows)


async def test_a_snapshot_then_what_changed(gateway: City, url: str) -> None:
    await tell(gateway, registered("T-1"), registered("T-2"), moved("T-1", speed_kmh=30), alert())
    async with following(gateway, url) as console:
        assert console.answer.headers["content-type"].startswith("text/event-stream")
        first = await console.next()
        assert (first.event, ids(first.data["vehicles"]), len(first.data["alerts"])) == ("snapshot", ["T-1", "T-2"], 1)
        assert first.data["city"]["fleet"]["by_status"] == {"driving": 1, "offline": 1}
        await tell(gateway, moved("T-2", speed_kmh=0, lon=121.45, ignition=True))
        second = await console.until(lambda data: data["vehicles"])
        assert (second.event, ids(second.data["vehicles"])) == ("change", ["T-2"])
        assert (second.data["vehicles"][0]["lon"], second.data["vehicles"][0]["status"]) == (121.45, "idle")
        assert second.data["city"]["fleet"]["by_status"] == {"driving": 1, "idle": 1}
        assert int(second.id) > int(first.id)


async def test_what_happens_within_a_moment_is_one_message(gateway: City, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_SECONDS", 2.0)
    async with following(gateway, url) as console:
        await console.next()
        for minutes in range(5):
            await tell(gateway, moved("T-1", minutes=minutes, lon=121.40 + minutes / 100), moved("T-2"))
        said = await console.next()
        assert ids(said.data["vehicles"]) == ["T-1", "T-2"]
        assert {row["vehicle_id"]: row["lon"] for row in said.data["vehicles"]}["T-1"] == pytest.approx(121.44)


async def test_a_console_that_comes_back_gets_exactly_what_it_missed(gateway: City, url: str) -> None:
    await tell(gateway, registered("T-1"), registered("T-2"), registered("T-3"), planned(), alert("A-1"), alert("A-2"))
    async with following(gateway, url, {"stops": "true"}) as console:
        snapshot = await console.next()
        assert len(snapshot.data["stops"]) == 3
    await tell(gateway, moved("T-2"))
    await tell(gateway, judged("R-1.1", "late"), alert("A-1", 2, "closed"))
    async with following(gateway, url, {"stops": "true"}, last_id=snapshot.id) as console:
        missed = await console.next()
        assert (missed.event, ids(missed.data["vehicles"])) == ("change", ["T-2"])
        assert [(row["stop_id"], row["verdict"]) for row in missed.data["stops"]] == [("R-1.1", "late")]
        assert [(row["alert_id"], row["status"]) for row in missed.data["alerts"]] == [("A-1", "closed")]
        assert await console.nothing()
    async with following(gateway, url, last_id=missed.id) as console:
        again = await console.next()
        assert (again.event, again.data["vehicles"], again.data["alerts"]) == ("change", [], [])


@pytest.mark.parametrize("last_id", ["0", "nonsense", "999999999999999999999999", "-1"])
async def test_a_number_this_city_never_gave_out_gets_a_snapshot(gateway: City, url: str, last_id: str) -> None:
    await tell(gateway, registered("T-1"))
    async with following(gateway, url, last_id=last_id) as console:
        said = await console.next()
        assert (said.event, ids(said.data["vehicles"])) == ("snapshot", ["T-1"])


async def test_a_district_hears_of_itself_only(gateway: City, url: str) -> None:
    await tell(gateway, registered("T-1"), registered("T-2", district_id="310101"))
    async with (
        following(gateway, url, district_ids=[XUHUI]) as bound,
        following(gateway, url, {"district_id": TIANPING}) as asked,
    ):
        for console in (bound, asked):
            first = await console.next()
            assert (ids(first.data["vehicles"]), first.data["city"]["fleet"]["total"]) == (["T-1"], 1)
        await tell(gateway, moved("T-2"), alert(vehicle_id="T-2"))
        await tell(gateway, moved("T-1"))
        for console in (bound, asked):
            said = await console.until(lambda data: data["vehicles"])
            assert ids(said.data["vehicles"]) == ["T-1"]
            assert said.data["alerts"] == []


async def test_a_vehicle_given_to_another_district_is_gone(gateway: City, url: str) -> None:
    await tell(gateway, registered("T-1"), registered("T-2"))
    async with following(gateway, url, {"district_id": TIANPING}) as console:
        assert ids((await console.next()).data["vehicles"]) == ["T-1", "T-2"]
        await tell(gateway, registered("T-1", revision=2, district_id=CAOHEJING))
        said = await console.until(lambda data: data["gone"])
        assert (said.data["gone"], said.data["vehicles"]) == (["T-1"], [])


async def test_a_box_shows_who_is_in_it_and_who_left(gateway: City, url: str) -> None:
    await tell(gateway, moved("T-1", lon=121.45, lat=31.15), moved("T-2", lon=121.60, lat=31.15))
    async with following(gateway, url, BOX) as console:
        first = await console.next()
        assert ids(first.data["vehicles"]) == ["T-1"]
        await tell(gateway, moved("T-1", minutes=1, lon=121.60), moved("T-2", minutes=1, lon=121.45))
        said = await console.until(lambda data: data["vehicles"])
        assert (ids(said.data["vehicles"]), said.data["gone"]) == (["T-2"], ["T-1"])
        await tell(gateway, moved("T-1", minutes=2, lon=121.61))
        assert (await console.next()).data["gone"] == []


async def test_who_left_the_box_while_the_console_was_away_is_gone(gateway: City, url: str) -> None:
    await tell(gateway, moved("T-1", lon=121.45, lat=31.15), moved("T-2", lon=121.45, lat=31.15))
    async with following(gateway, url, BOX) as console:
        snapshot = await console.next()
    await tell(gateway, moved("T-1", minutes=1, lon=121.60))
    async with following(gateway, url, BOX, last_id=snapshot.id) as console:
        assert (await console.next()).data["gone"] == ["T-1"]
        await tell(gateway, moved("T-2", minutes=1, lon=121.60))
        assert (await console.until(lambda data: data["gone"])).data["gone"] == ["T-2"]


@pytest.mark.parametrize("box", ["nowhere", "1,2,3", "nan,0,1,1", "121.5,31,121.4,32", "-200,0,0,1"])
async def test_a_box_that_is_none_is_refused(gateway: City, url: str, box: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        headers = {"Authorization": f"Bearer {gateway.token(Role.DISPATCHER)}"}
        answer = await client.get("/v1/city/live", params={"box": box}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_console_hears_that_a_service_fell_silent(gateway: City, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUIET_SECONDS", 0.3)
    await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN))
    async with following(gateway, url) as console:
        assert (await console.next()).data["city"]["fleet"]["stale"] is False
        with frozen(TEN + timedelta(seconds=30)):
            said = await console.until(lambda data: data["city"]["fleet"]["stale"])
            assert (said.event, said.data["vehicles"]) == ("change", [])


async def test_a_console_that_waits_holds_no_city_in_memory(gateway: City, url: str) -> None:
    await tell(gateway, *(registered(f"T-{n}") for n in range(20)))
    async with following(gateway, url) as console:
        assert len((await console.next()).data["vehicles"]) == 20
        gc.collect()
        assert [row for row in gc.get_objects() if isinstance(row, VehicleRow)] == []


async def test_the_stream_ends_when_the_service_stops(gateway: City, url: str) -> None:
    async with following(gateway, url) as console:
        await console.next()
        gateway.apps["gateway"].state.resources.stopping.set()
        assert await console.ended()


async def test_the_stream_ends_with_its_token(gateway: City, url: str) -> None:
    async with following(gateway, url) as console:
        await console.next()
        with frozen(TEN + timedelta(minutes=59)):
            await tell(gateway, moved("T-1"))
            assert ids((await console.until(lambda data: data["vehicles"])).data["vehicles"]) == ["T-1"]
        with frozen(TEN + timedelta(minutes=61)):
            assert await console.ended()


async def test_consoles_that_go_away_in_the_middle_of_a_query_leave_the_database_as_it_was(
    gateway: City, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.001)
    await tell(gateway, *(registered(f"T-{n}") for n in range(50)))
    lost: list[object] = []
    pool = gateway.apps["gateway"].state.resources.database.reader.sync_engine.pool
    event.listen(pool, "invalidate", lambda *_: lost.append(1))
    event.listen(pool, "close", lambda *_: lost.append(1))
    for n in range(30):
        async with following(gateway, url):
            await asyncio.sleep(0.001 * n)
    state = gateway.apps["gateway"].state
    leaders = int(state.resources.database.is_postgres)

    async def quiet() -> bool:
        return not state.streams._open and pool.checkedout() <= leaders

    await until(quiet)
    assert lost == []


async def test_consoles_beyond_the_room_are_told_to_come_again_and_the_view_is_still_there(gateway: City, url: str) -> None:
    streams = gateway.apps["gateway"].state.streams
    streams._most = 2
    async with following(gateway, url) as first, following(gateway, url) as second:
        await first.next()
        await second.next()
        async with gateway.client(Role.DISPATCHER) as client:
            refused = await client.get("/v1/city/live")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
            assert refused.json()["code"] == "too_busy"
            assert (await client.get("/v1/city")).status_code == 200
    async with asyncio.timeout(20):
        while streams._open:
            await asyncio.sleep(0.01)
    async with following(gateway, url) as third:
        assert (await third.next()).event == "snapshot"

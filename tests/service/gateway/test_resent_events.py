"""What a service resends, for a gateway that lost its copy, changes nothing that the gateway has."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from happenings import CAOHEJING, TEN, TIANPING, lifted, recorded, registered, tell
from sqlalchemy import text

from services.cli.processes import factory
from services.cli.rebuilds import rebuild_gateway
from services.gateway.store import weighed
from shared.clock import frozen
from shared.events.base import Event, Heartbeat
from shared.events.vehicle import Track, TruckEntry
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings
from shared.testing import City
from shared.vocabulary import Role, WasteStream

pytestmark = pytest.mark.usefixtures("at_ten")


def test_every_event_that_the_gateway_keeps_can_be_resent(settings: Settings) -> None:
    services = [factory(name)(settings, LocalBus()).state.service for name in SERVICES]
    resent = [snapshot.event.type for service in services for snapshot in service.snapshots]
    kept = [name for name in services[-1].consumers.handlers if not issubclass(Event.registry[name], Heartbeat)]
    assert sorted(resent) == sorted(kept)


async def test_a_resent_lift_counts_once(gateway: City) -> None:
    lift = lifted(net_kg=40)
    await tell(gateway, registered(), lift)
    await tell(gateway, lift, lift)
    assert await figures(gateway) == [("T-1", 0, 1, 40)]


async def test_a_lift_that_was_purged_is_in_the_flows_for_good(gateway: City) -> None:
    """A late one of that time is new; a gateway that lost everything takes all that is told, and keeps it until it is whole."""
    truck = TruckEntry(waste_streams=[WasteStream.RESIDUAL], district_id=TIANPING)
    old = lifted(net_kg=40, minutes=-1440 * 101)
    await tell(gateway, registered(), old)
    await purged(gateway, resent_before=TEN - timedelta(days=1))
    assert await figures(gateway) == [("T-1", 0, 1, 0)]
    again = old.model_copy(update={"truck": truck})
    await tell(gateway, again, lifted(net_kg=7, minutes=-1440 * 102))
    assert await by_district(gateway) == [(TIANPING, 7, 1), (TIANPING, 40, 1)]
    async with gateway.apps["gateway"].state.resources.database.transaction() as session:
        for table in ("city_vehicle", "city_lift", "city_flow"):
            await session.execute(text(f"DELETE FROM {table}"))
    await tell(gateway, again)
    assert await by_district(gateway) == [(TIANPING, 40, 1)]
    await purged(gateway, resent_before=TEN - timedelta(days=1))
    assert await figures(gateway) == [("T-1", 0, 1, 40)], "others of its lifts may still come"
    await purged(gateway, resent_before=TEN + timedelta(days=1))
    assert await figures(gateway) == [("T-1", 0, 1, 0)]


async def purged(city: City, resent_before: datetime) -> None:
    """Lifts of more than a hundred days ago are forgotten."""
    async with city.apps["gateway"].state.resources.database.transaction() as session:
        await weighed.purge_lifts(session, TEN - timedelta(days=100), resent_before, 10)


async def test_the_largest_total_of_a_truck_holds_in_whatever_order_it_comes(gateway: City) -> None:
    """And what a vehicle service that does not count yet has told is added."""
    tracks = [Track(vehicle_id="T-1", records=2, total_records=total) for total in (4, 10, 6)]
    await tell(gateway, recorded(Track(vehicle_id="T-1", records=3)), recorded(Track(vehicle_id="T-1", records=1)))
    assert await figures(gateway) == [("T-1", 4, 0, 0)]
    await tell(gateway, recorded(tracks[0]), recorded(tracks[1]))
    await tell(gateway, recorded(tracks[2]))
    assert await figures(gateway) == [("T-1", 10, 0, 0)]


async def test_old_lifts_stay_with_the_district_whose_truck_it_was(
    open_city: Callable[..., AbstractAsyncContextManager[City]],
) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        for minute, district in ((0, TIANPING), (30, CAOHEJING)):
            with frozen(TEN.replace(minute=minute)):
                truck = {
                    "vehicle_id": "T-1",
                    "plate": "沪A1",
                    "kind": "compactor",
                    "waste_streams": ["residual"],
                    "district_id": district,
                }
                assert (await admin.post("/v1/vehicle-imports", json={"vehicles": [truck]})).status_code == 200
                record = {"kind": "bin_lift", "at": TEN.replace(minute=minute).isoformat(), "net_kg": 40 + minute}
                await admin.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [record]})
                await city.settle()
        expected = [(TIANPING, 40, 1), (CAOHEJING, 70, 1)]
        assert await by_district(city) == expected
        async with city.apps["gateway"].state.resources.database.transaction() as session:
            for table in ("city_vehicle", "city_lift", "city_flow"):
                await session.execute(text(f"DELETE FROM {table}"))
        before = await events_for_everybody(city)
        await rebuild_gateway(city.settings, lambda *_: None)
        await city.settle()
        assert await events_for_everybody(city) == before, "other services have counted these facts already"
        assert await by_district(city) == expected
        assert await figures(city) == [("T-1", 0, 2, 110)]


async def events_for_everybody(city: City) -> dict[str, int]:
    """How many events each service has sent to whoever takes their type; heartbeats are not counted."""
    query = text("SELECT count(*) FROM outbox WHERE queue = '' AND type NOT LIKE '%.alive.v1'")
    counts = {}
    for name, app in city.apps.items():
        async with app.state.resources.database.read() as session:
            counts[name] = (await session.execute(query)).scalar_one()
    return counts


async def figures(city: City) -> list[tuple[Any, ...]]:
    """Truck, records, lifts, kilograms of its lifts."""
    query = (
        "SELECT v.vehicle_id, v.records, v.lifts, (SELECT coalesce(sum(net_kg), 0) FROM city_lift l"
        " WHERE l.vehicle_id = v.vehicle_id) FROM city_vehicle v ORDER BY 1"
    )
    async with city.apps["gateway"].state.resources.database.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def by_district(city: City) -> list[tuple[Any, ...]]:
    query = "SELECT district_id, net_kg, facts FROM city_flow WHERE grain = 'day' AND stage = 'lifted' ORDER BY 1, 2"
    async with city.apps["gateway"].state.resources.database.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]

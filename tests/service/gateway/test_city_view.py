"""The citywide view counts what the services told, each part for itself, whatever the order in which it was told."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from happenings import (
    CAOHEJING,
    HUANGPU,
    TEN,
    TIANPING,
    XUHUI,
    alert,
    judged,
    lifted,
    moved,
    planned,
    recorded,
    registered,
    tell,
    weighed,
)

from shared.clock import frozen
from shared.events.route import RouteHeartbeat
from shared.events.vehicle import Position, Track, VehicleHeartbeat
from shared.testing import City
from shared.vocabulary import Role

pytestmark = pytest.mark.usefixtures("at_ten")


async def seen(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/v1/city", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def keyed(groups: list[dict[str, Any]], what: str) -> dict[str, Any]:
    return {group["key"]: group[what] for group in groups}


async def test_a_city_nobody_has_told_of_is_empty_and_stale(console: httpx.AsyncClient) -> None:
    view = await seen(console)
    assert (view["fleet"]["total"], view["runs"]["stops"]["total"], view["lifted"]["net_kg"], view["alerts"]["open"]) == (
        0,
        0,
        0,
        0,
    )
    assert [view[part]["stale"] for part in ("fleet", "runs", "lifted", "alerts")] == [True] * 4
    assert view["at"] == "2026-11-16T02:00:00Z"
    assert view["labels"]["driving"] == {"zh": "行驶", "en": "Driving"}


async def test_the_fleet_is_counted_by_status_kind_and_district(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(
        gateway,
        *[registered(f"T-{n}") for n in range(1, 4)],
        registered("T-4", kind="sweeper", district_id=CAOHEJING),
        registered("T-5", kind="sweeper", district_id=None),
        moved("T-1", speed_kmh=30, ignition=True),
        moved("T-2", speed_kmh=0, ignition=True),
        moved("T-3", minutes=-60, speed_kmh=0, ignition=False),
        moved("T-4", minutes=-11, speed_kmh=30),
    )
    fleet = (await seen(console))["fleet"]
    assert fleet["total"] == 5
    assert fleet["by_status"] == {"driving": 1, "idle": 1, "parked": 1, "offline": 2}
    assert keyed(fleet["by_kind"], "by_status") == {
        "compactor": {"driving": 1, "idle": 1, "parked": 1},
        "sweeper": {"offline": 2},
    }
    assert keyed(fleet["by_district"], "total") == {TIANPING: 3, CAOHEJING: 1, "": 1}


async def test_a_truck_that_is_not_registered_yet_is_shown(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, moved("T-9", speed_kmh=20))
    assert (await seen(console))["fleet"]["by_status"] == {"driving": 1}
    await tell(gateway, registered("T-9", kind="washer"))
    fleet = (await seen(console))["fleet"]
    assert (keyed(fleet["by_kind"], "by_status"), fleet["records"]) == ({"washer": {"driving": 1}}, 1)


async def test_an_older_position_is_counted_and_moves_nothing(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered(), moved(minutes=-1, speed_kmh=0, ignition=True))
    await tell(gateway, moved(minutes=-5, speed_kmh=60, ignition=True))
    fleet = (await seen(console))["fleet"]
    assert (fleet["by_status"], fleet["records"]) == ({"idle": 1}, 2)


async def test_the_newest_of_a_track_counts_whatever_its_order(gateway: City, console: httpx.AsyncClient) -> None:
    fixes = [Position(at=TEN - timedelta(minutes=m), lon=121.4, lat=31.2, speed_kmh=10 * m, ignition=True) for m in (3, 0, 2)]
    await tell(gateway, registered(), recorded(Track(vehicle_id="T-1", positions=fixes, records=4)))
    fleet = (await seen(console))["fleet"]
    assert (fleet["by_status"], fleet["records"]) == ({"idle": 1}, 4)


async def test_an_older_entry_of_the_registry_changes_nothing(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered(revision=2, kind="sweeper"))
    await tell(gateway, registered(revision=1, kind="washer"))
    assert keyed((await seen(console))["fleet"]["by_kind"], "total") == {"sweeper": 1}


async def test_kilograms_are_counted_by_stream_and_district(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(
        gateway,
        registered("T-1"),
        registered("T-2", waste_streams=["food", "residual"], district_id=CAOHEJING),
        registered("T-3", waste_streams=["food", "residual"], district_id=CAOHEJING),
        planned("R-2", vehicle_id="T-2", stream="food", district_id=CAOHEJING),
    )
    await tell(gateway, lifted("T-1", 40), lifted("T-1", 30), lifted("T-2", 25), lifted("T-3", 5))
    view = (await seen(console))["lifted"]
    assert (view["net_kg"], view["lifts"], view["service_day"]) == (100, 4, "2026-11-16")
    assert keyed(view["by_stream"], "net_kg") == {"residual": 70, "food": 25, "unsorted": 5}
    assert keyed(view["by_district"], "net_kg") == {TIANPING: 70, CAOHEJING: 30}
    assert keyed(view["by_district"], "lifts") == {TIANPING: 2, CAOHEJING: 2}


async def test_a_late_lift_counts_on_its_own_day(gateway: City, console: httpx.AsyncClient) -> None:
    """A service day is local: 23:59 of the day before in Shanghai is 15:59 UTC."""
    await tell(
        gateway, registered(), lifted(net_kg=40), lifted(net_kg=500, minutes=-10 * 60 - 1), lifted(net_kg=7, minutes=-10 * 60)
    )
    assert (await seen(console))["lifted"]["net_kg"] == 47
    with frozen(TEN - timedelta(days=1)):
        async with gateway.client(Role.DISPATCHER) as yesterday:
            assert (await seen(yesterday))["lifted"]["net_kg"] == 500


async def test_an_implausible_weight_is_a_lift_of_nothing(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(
        gateway, registered(), lifted(net_kg=9000, flags=("implausible_weight",)), lifted(net_kg=40, flags=("weights_disagree",))
    )
    view = (await seen(console))["lifted"]
    assert (view["net_kg"], view["lifts"]) == (40, 2)


async def test_the_load_on_board_is_the_newest(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered(), weighed("T-1", 0, 3000), weighed("T-1", -30, 900))
    assert (await seen(console))["fleet"]["records"] == 2


async def test_open_alerts_are_counted_by_kind(gateway: City, console: httpx.AsyncClient) -> None:
    late = TEN + timedelta(minutes=1)
    await tell(gateway, registered(), alert("A-1"), alert("A-2", kind="offline", opened_at=late), alert("A-3", kind="offline"))
    await tell(gateway, alert("A-3", 2, "closed", kind="offline"), alert("A-1", 2, "withdrawn"))
    view = (await seen(console))["alerts"]
    assert (view["open"], view["by_kind"]) == (1, {"offline": 1})
    assert [row["alert_id"] for row in view["newest"]] == ["A-2"]


async def test_an_older_word_of_an_alert_does_not_open_it_again(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered(), alert(revision=3, status="closed"))
    await tell(gateway, alert(revision=2, status="open"))
    assert (await seen(console))["alerts"]["open"] == 0


async def test_an_alert_told_before_its_truck_is_found_in_its_district(gateway: City) -> None:
    await tell(gateway, alert())
    await tell(gateway, registered())
    async with gateway.client(Role.DISPATCHER, district_ids=[XUHUI]) as console:
        assert (await seen(console))["alerts"]["open"] == 1


async def test_stops_are_done_due_missed_or_to_come(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned(stops=(-90, -80, -70, -60, -50, -40, 0, 60)), planned("R-2", stops=(0,), district_id=CAOHEJING))
    words = ("collected", "early", "late", "missed", "unknown")
    await tell(gateway, *[judged(f"R-1.{n}", verdict) for n, verdict in enumerate(words, start=1)])
    view = (await seen(console))["runs"]
    assert view["runs"] == 2
    counted = {name: view["stops"][name] for name in ("total", "done", "due", "missed", "unknown", "upcoming")}
    assert counted == {"total": 9, "done": 3, "due": 3, "missed": 1, "unknown": 1, "upcoming": 1}
    assert view["by_verdict"] == {"collected": 1, "early": 1, "late": 1, "missed": 1, "unknown": 1, "planned": 4}
    assert keyed(view["by_district"], "total") == {TIANPING: 8, CAOHEJING: 1}


async def test_an_excepted_stop_is_in_the_total_only(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned(stops=(0,)), judged("R-1.1", "excepted"))
    view = (await seen(console))["runs"]
    assert (view["stops"]["total"], view["stops"]["due"], view["by_verdict"]) == (1, 0, {"excepted": 1})


async def test_a_late_correction_wins_and_an_older_verdict_does_not(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned(stops=(-60,)), judged("R-1.1", "missed", 1))
    await tell(gateway, judged("R-1.1", "collected", 2, previous="missed"))
    await tell(gateway, judged("R-1.1", "missed", 1))
    assert (await seen(console))["runs"]["by_verdict"] == {"collected": 1}


async def test_a_verdict_that_stands_before_its_plan_is_not_lost(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, judged("R-1.1", "collected"), planned(stops=(-60,)))
    assert (await seen(console))["runs"]["by_verdict"] == {"collected": 1}


async def test_a_run_given_to_another_truck_keeps_its_verdicts(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned(), judged("R-1.1", "collected"))
    await tell(gateway, planned(revision=2, vehicle_id="T-2"))
    await tell(gateway, planned(revision=1, vehicle_id="T-1", district_id=CAOHEJING))
    view = (await seen(console))["runs"]
    assert view["by_verdict"] == {"collected": 1, "planned": 2}
    assert keyed(view["by_district"], "total") == {TIANPING: 3}


async def test_a_stop_that_a_run_no_longer_has_is_gone(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned(stops=(-60, 0, 60)))
    await tell(gateway, planned(revision=2, stops=(-60, 0)))
    assert (await seen(console))["runs"]["stops"]["total"] == 2


async def test_another_days_runs_are_not_todays(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, planned("R-0", day=date(2026, 11, 15)), planned("R-1"))
    assert (await seen(console))["runs"]["stops"]["total"] == 3


async def test_one_silent_service_greys_out_its_own_parts(gateway: City) -> None:
    await tell(gateway, VehicleHeartbeat(service="vehicle", at=TEN), RouteHeartbeat(service="route", at=TEN))
    later = TEN + timedelta(seconds=25)
    await tell(gateway, VehicleHeartbeat(service="vehicle", at=later))
    for after, stale in ((20, []), (25, ["runs"]), (46, ["fleet", "runs", "lifted", "alerts"])):
        with frozen(TEN + timedelta(seconds=after)):
            async with gateway.client(Role.DISPATCHER) as console:
                view = await seen(console)
        assert [part for part in ("fleet", "runs", "lifted", "alerts") if view[part]["stale"]] == stale
        assert view["runs"]["as_of"] == "2026-11-16T02:00:00Z"
        assert view["fleet"]["as_of"] == "2026-11-16T02:00:25Z"


async def test_an_older_sign_of_life_does_not_turn_the_date_back(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, RouteHeartbeat(service="route", at=TEN))
    await tell(gateway, RouteHeartbeat(service="route", at=TEN - timedelta(minutes=5)))
    assert (await seen(console))["runs"]["as_of"] == "2026-11-16T02:00:00Z"


@pytest.fixture
async def two_districts(gateway: City) -> City:
    """T-1 of contractor C-1 in Tianping, T-2 of C-2 in Caohejing, T-3 of C-1 in Huangpu, each with a run, a lift, an alert."""
    trucks = (("T-1", TIANPING, "C-1", 1), ("T-2", CAOHEJING, "C-2", 2), ("T-3", HUANGPU, "C-1", 4))
    for vehicle_id, district_id, contractor_id, weight in trucks:
        of = {"vehicle_id": vehicle_id, "district_id": district_id}
        await tell(gateway, registered(**of, contractor_id=contractor_id), planned(f"R-{vehicle_id}", stops=(0,), **of))
        await tell(gateway, moved(vehicle_id), lifted(vehicle_id, weight), alert(f"A-{vehicle_id}", vehicle_id=vehicle_id))
    return gateway


SCOPES: list[tuple[dict[str, list[str]], str | None, set[int]]] = [
    ({}, None, {1, 2, 4}),
    ({"district_ids": [XUHUI]}, None, {1, 2}),
    ({"district_ids": [TIANPING]}, None, {1}),
    ({"district_ids": [TIANPING, HUANGPU]}, None, {1, 4}),
    ({"contractor_ids": ["C-1"]}, None, {1, 4}),
    ({"district_ids": [XUHUI], "contractor_ids": ["C-1"]}, None, {1}),
    ({"district_ids": ["999999"]}, None, set()),
    ({}, XUHUI, {1, 2}),
    ({"district_ids": [XUHUI]}, CAOHEJING, {2}),
    ({"district_ids": [XUHUI]}, HUANGPU, set()),
    ({"contractor_ids": ["C-1"]}, HUANGPU, {4}),
    ({"district_ids": [XUHUI], "contractor_ids": ["C-1"]}, TIANPING, {1}),
    ({"district_ids": [XUHUI], "contractor_ids": ["C-1"]}, HUANGPU, set()),
]
"""What a token is bound to, the district asked for, and the trucks (by the weight they lift) that are seen."""


async def test_a_dispatcher_sees_the_own_scope_only(two_districts: City) -> None:
    for scope, asked, trucks in SCOPES:
        async with two_districts.client(Role.DISPATCHER, **scope) as console:
            view = await seen(console, **({"district_id": asked} if asked else {}))
        counts = [view["fleet"]["total"], view["runs"]["runs"], view["runs"]["stops"]["total"]]
        counts += [view["lifted"]["lifts"], view["alerts"]["open"], len(view["alerts"]["newest"])]
        assert counts == [len(trucks)] * 6, (scope, asked)
        assert view["lifted"]["net_kg"] == sum(trucks), (scope, asked)

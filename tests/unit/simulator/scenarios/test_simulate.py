import asyncio
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from services.simulator.demo.seeding import seed_demo_city
from services.simulator.devices.day import VehicleDisturbance, epoch_s
from services.simulator.devices.fleet import provide_trucks
from services.simulator.scenarios.disturbances import settle
from services.simulator.scenarios.live import LiveCity
from services.simulator.scenarios.simulate import in_order_of_sending, simulate_day
from services.simulator.scenarios.truth import Truth, compare_truth, compare_when_settled, read_truth, truth_of, write_truth
from shared.clock import frozen
from tests.unit.simulator.cities import MORNING, run, stop, straight_run
from tests.unit.simulator.flaky_city import FlakyCity, random_trouble

DAY = date(2026, 11, 16)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def city_with_runs(vehicles: int = 6, trouble: str = "ok") -> FlakyCity:
    city = FlakyCity(random_trouble(1, trouble))
    for number in range(vehicles):
        one = straight_run(5, run_id=f"R-{number}") | {"vehicle_id": f"T-{number}"}
        city.runs[one["run_id"]] = one
    return city


async def test_a_day_is_driven_and_sent_whole_although_the_city_stumbles(tmp_path: Path) -> None:
    city = city_with_runs(trouble="ok ok drop_after drop_before")
    async with city.client() as client:
        outcome = await simulate_day(client, DAY, seed=7, truth_file=tmp_path / "truth.jsonl", quiet=True)
    assert outcome.vehicles == 5  # one of six never sends
    assert outcome.stored + outcome.duplicates >= len(city.stored) > 1000
    assert outcome.refused == outcome.rejected == 0
    assert read_truth(tmp_path / "truth.jsonl") == outcome.truths
    assert [truth.verdict for truth in outcome.truths].count("unknown") == 5


async def test_the_same_seed_sends_the_same_records() -> None:
    cities = [city_with_runs(), city_with_runs()]
    for city in cities:
        async with city.client() as client:
            await simulate_day(client, DAY, seed=7, quiet=True)
    assert cities[0].stored == cities[1].stored


async def test_runs_without_a_vehicle_are_unknown() -> None:
    city = FlakyCity(lambda _: "ok")
    city.runs["R-1"] = straight_run(2) | {"vehicle_id": None}
    async with city.client() as client:
        outcome = await simulate_day(client, DAY, seed=7, quiet=True)
    assert [(truth.verdict, truth.reason) for truth in outcome.truths] == [("unknown", "no vehicle")] * 2


async def test_the_comparison_names_each_stop_that_the_city_sees_differently() -> None:
    city = FlakyCity(lambda _: "ok")
    city.runs["R-1"] = run([stop(1, 0, north_m=0) | {"verdict": "collected"}, stop(2, 9, north_m=500) | {"verdict": "late"}])
    truths = [
        Truth("R-1-S01", "R-1", "T-1", "collected", "2026-11-16T00:00:10Z", "as planned"),
        Truth("R-1-S02", "R-1", "T-1", "missed", None, "passed by"),
    ]
    async with city.client() as client:
        agreement = await compare_truth(truths, client)
    assert agreement.table == {("collected", "collected"): 1, ("missed", "late"): 1}
    assert [(difference.truth.stop_id, difference.found) for difference in agreement.differences] == [("R-1-S02", "late")]
    assert not agreement.complete
    assert "1 of 2 verdicts" in str(agreement)


async def test_the_comparison_waits_while_verdicts_still_change() -> None:
    city = FlakyCity(lambda _: "ok")
    city.runs["R-1"] = run([stop(1, 0, north_m=0), stop(2, 9, north_m=500)])
    pauses: list[float] = []

    async def verdicts_come_in(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) in {3, 7}:
            city.runs["R-1"]["stops"][len(pauses) // 7]["verdict"] = "collected"

    truths = [Truth(f"R-1-S0{n}", "R-1", "T-1", "collected", "2026-11-16T00:00:10Z", "as planned") for n in (1, 2)]
    async with city.client() as client:
        agreement = await compare_when_settled(truths, client, patience_seconds=10, pause=verdicts_come_in)
        assert agreement.complete
        assert len(pauses) == 7
        city.runs["R-1"]["stops"][0]["verdict"] = "late"
        assert not (await compare_when_settled(truths, client, patience_seconds=10, pause=verdicts_come_in)).complete


async def test_routes_without_a_truck_get_one() -> None:
    city = FlakyCity(lambda _: "ok")
    city.routes = [{"route_id": "7", "district_id": None, "vehicle_id": None}, {"route_id": "8", "vehicle_id": "T-8"}]
    city.routes.append({"route_id": "9", "vehicle_id": None, "task": "sweeping"})
    async with city.client() as client:
        assert await provide_trucks(client) == 2
    assert {name: truck["kind"] for name, truck in city.vehicles.items()} == {"SIM-7": "compactor", "SIM-9": "sweeper"}
    assert city.put == {f"/v1/routes/{n}/vehicle": {"vehicle_id": f"SIM-{n}"} for n in (7, 9)}


async def test_the_demo_city_is_loaded_over_http() -> None:
    city = FlakyCity(lambda _: "ok")
    async with city.client() as client:
        loaded = await seed_demo_city(client)
    assert (len(city.vehicles), len(city.districts), len(city.put), len(city.timetable)) == (65, 12, 3, 6567)
    assert (loaded["stops"], loaded["geofences"]) == (6567, 3)


def test_the_truth_survives_its_file(tmp_path: Path) -> None:
    truths = truth_of(settle("T-1", [straight_run(3)], VehicleDisturbance(), seed=1))
    write_truth(tmp_path / "truth.jsonl", truths)
    assert read_truth(tmp_path / "truth.jsonl") == truths


def test_what_was_noted_without_a_network_is_sent_last() -> None:
    begin_s = int(MORNING.timestamp())
    for shuffled in (False, True):
        loss = VehicleDisturbance(signal_losses=((begin_s, begin_s + 1200),), shuffled=shuffled)
        day = settle("T-1", [straight_run(8)], loss, seed=1)
        records = day.records(10)
        sent = in_order_of_sending(day, records, seed=1)
        lost = [record for record in records if begin_s <= epoch_s(record["at"]) < begin_s + 1200]
        assert Counter(map(str, sent)) == Counter(map(str, records))
        assert (sent[-len(lost) :] == lost) is not shuffled
        assert sorted(map(str, sent[-len(lost) :])) == sorted(map(str, lost))


# --- live


async def test_live_trucks_send_today_until_now_and_then_go_on() -> None:
    city = city_with_runs(3)
    async with city.client() as client:
        with frozen(MORNING + timedelta(minutes=17)):
            live = asyncio.create_task(LiveCity(client, SHANGHAI, seed=7, disturbed=False).run(quiet=True))
            await _until(lambda: len(city.stored) > 3 * 400)
            at_backfill = max(record["at"] for record in city.stored.values())
            with frozen(MORNING + timedelta(minutes=18)):
                await _until(lambda: max(record["at"] for record in city.stored.values()) > at_backfill)
        live.cancel()
        await asyncio.gather(live, return_exceptions=True)
    times = sorted(record["at"] for record in city.stored.values())
    assert times[0] == "2026-11-15T16:00:00Z"  # midnight in Shanghai
    assert at_backfill < "2026-11-16T00:17:00Z"
    assert "2026-11-16T00:17:00Z" <= times[-1] < "2026-11-16T00:18:00Z"


async def test_a_live_day_gives_way_to_the_next_without_a_gap_or_an_overlap() -> None:
    city = city_with_runs(1)
    async with city.client() as client:
        live = LiveCity(client, SHANGHAI, seed=7, disturbed=False)
        await live.begin_day(DAY)
        vehicle = live.vehicles["T-0"]
        vehicle.note_until(epoch_s("2026-11-16T15:59:57Z"), 30)
        tomorrow = straight_run(5, run_id="R-9", begin_minute=24 * 60) | {"vehicle_id": "T-0"}
        city.runs = {"R-9": tomorrow}
        await live.begin_day(date(2026, 11, 17))
        vehicle.note_until(epoch_s("2026-11-17T02:00:00Z"), 30)
    records = list(vehicle.unit.aboard.values())
    positions = [record["at"] for record in records if record["kind"] == "position"]
    assert positions == sorted(set(positions))
    gaps = [epoch_s(after) - epoch_s(before) for before, after in pairwise(positions)]
    assert max(gaps) <= 120
    assert len({record["service_point_id"] for record in records if "service_point_id" in record}) >= 4


async def _until(condition: object) -> None:
    assert callable(condition)
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")

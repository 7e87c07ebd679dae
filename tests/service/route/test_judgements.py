import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from services.route import app, tasks
from services.route.tables.facts import VehicleProgress
from shared.app import Resources
from shared.clock import frozen
from shared.testing import until
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    EVENING,
    NIGHT,
    answered,
    at,
    detail,
    far_away,
    fix,
    judged,
    lift,
    line,
    planned,
    send,
    standing,
    stops,
    timetable,
    verdicts,
)


async def test_a_round_becomes_early_collected_and_missed_and_the_city_counts_the_same(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city("gateway") as city:
            await planned(city)
            await send(city, [*standing(-30, 1), *standing(12, 2), far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["early", "collected", "missed"]
            assert (await stops(city))[2]["served_at"] == "2026-11-16T10:12:00Z"
            async with city.client(Role.DISPATCHER) as dispatcher:
                view = await answered(dispatcher.get("/v1/city"))
                run = (await answered(dispatcher.get("/v1/runs", params={"service_day": str(DAY)})))["items"][0]
            assert view["runs"]["by_verdict"] == run["by_verdict"] == {"early": 1, "collected": 1, "missed": 1}
            assert run["status"] == "done"


async def idle(_: Resources) -> None:
    await asyncio.Future()


async def test_facts_wake_the_judge(open_city: CityFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would look again by itself long after this test has failed."""
    monkeypatch.setattr(tasks, "JUDGE_SECONDS", 3600.0)
    monkeypatch.setattr(app, "plan_ahead", idle)  # a new plan wakes the judge as well
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await judged(city)
            wakes = city.apps["route"].state.resources.database._wakes

            async def judge_waits() -> bool:
                return bool(wakes["judging"]._waiters) and not wakes["judging"].is_set()

            await until(judge_waits)
            await send(city, [*standing(-30, 1), *standing(12, 2), far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["early", "collected", "missed"]


async def test_a_visit_after_the_window_is_late_and_silence_is_unknown(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, standing(35, 1))
            await judged(city)
            assert await verdicts(city) == ["late", "unknown", "unknown"]


async def test_before_its_time_is_over_a_stop_stays_planned_and_then_time_alone_judges_it(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(EVENING):
            await planned(city)
            await judged(city)
            assert await verdicts(city) == ["planned", "planned", "planned"]
        with frozen(NIGHT):
            await judged(city)
            assert await verdicts(city) == ["unknown", "unknown", "unknown"]
            assert (await detail(city, 1))["history"][0]["reason"] == "nobody came in time"


async def test_unknown_becomes_missed_once_the_trucks_data_reaches_past_it(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await judged(city)
            await send(city, [far_away(65)])  # stops are waited for until 19:00, 19:10 and 19:20
            await judged(city)
            assert await verdicts(city) == ["missed", "unknown", "unknown"]
            await send(city, [far_away(90)])
            await judged(city)
            assert await verdicts(city) == ["missed", "missed", "missed"]


async def test_positions_that_come_days_late_turn_missed_into_collected_and_the_history_says_so(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(NIGHT):
            await planned(city)
            await send(city, [far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["missed", "missed", "missed"]
        with frozen(NIGHT + timedelta(days=2)):
            await send(city, standing(1, 1))
            await judged(city)
            assert (await verdicts(city))[0] == "collected"
            stop = await detail(city, 1)
    missed, collected = stop["history"][-2:]  # before them perhaps unknown: the judge may look before the truck is heard of
    assert (missed["verdict"], collected["verdict"], collected["reason"]) == ("missed", "collected", "late data")
    assert collected["revision"] == missed["revision"] + 1 == stop["verdict_revision"]
    assert (missed["at"], missed["known_until"]) == ("2026-11-16T11:00:00Z", "2026-11-16T13:20:00Z")
    assert (collected["at"], collected["decided_at"]) == ("2026-11-16T10:01:00Z", "2026-11-18T15:00:00Z")
    assert collected["evidence"]["dwell_seconds"] == 60
    assert (stop["verdict"], stop["evidence"]) == ("collected", collected["evidence"])


async def test_a_late_lift_at_the_named_service_point_is_evidence_too(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, [far_away(200)])
            await judged(city)
            await send(city, [lift(3, "R1-S1", 46), lift(4, "R1-S1", 40), lift(200, "elsewhere")])
            await judged(city)
            stop = await detail(city, 1)
            assert (stop["verdict"], stop["evidence"]["what"], stop["evidence"]["net_kg"]) == ("collected", "lift", 86)
            async with city.client(Role.DISPATCHER) as dispatcher:
                unmatched = await answered(dispatcher.get("/v1/unmatched-lifts", params={"service_day": str(DAY)}))
            assert [item["service_point_id"] for item in unmatched["items"]] == ["elsewhere"]


async def test_a_lift_whose_time_lies_in_the_future_serves_no_stop(open_city: CityFactory) -> None:
    with frozen(EVENING - timedelta(hours=3)):
        async with open_city() as city:
            await planned(city)
            await send(city, [lift(0, "R1-S1")])
            await judged(city)
            assert await verdicts(city) == ["planned", "planned", "planned"]


DAY_OF_WORK = [*standing(-30, 1), fix(5, 1, 30, 40), *standing(12, 2, 120), *standing(70, 3), lift(71, None), far_away(200)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_order_of_arrival_and_doubles_change_nothing(open_city: CityFactory, seed: int) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            both = timetable(*(line(n) for n in (1, 2, 3)), *(line(n, route="R2", vehicle="T-002") for n in (1, 2, 3)))
            await planned(city, both)
            await send(city, DAY_OF_WORK, "T-001")
            order = random.Random(seed)
            shuffled = DAY_OF_WORK * 2
            order.shuffle(shuffled)
            for start in range(0, len(shuffled), 7):
                await send(city, shuffled[start : start + 7], "T-002")
            await judged(city)
            with frozen(NIGHT + timedelta(minutes=1)):  # evidence that only grew is written by now
                await judged(city)
                assert await verdicts(city) == await verdicts(city, f"{DAY}:R2") == ["early", "collected", "late"]
                for seq in (1, 2, 3):
                    orderly, mixed = await detail(city, seq), await detail(city, seq, f"{DAY}:R2")
                    orderly["evidence"].pop("lift_ids", None), mixed["evidence"].pop("lift_ids", None)
                    assert orderly["evidence"] == mixed["evidence"]
                    assert orderly["served_at"] == mixed["served_at"]


async def test_a_truck_that_stands_long_does_not_write_a_revision_for_every_fix(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(at(2)):
            await planned(city)
            for second in range(0, 100, 20):
                await send(city, [fix(second / 60, 1)])
                await judged(city)
            assert len((await detail(city, 1))["history"]) == 1
        with frozen(at(5)):
            await judged(city)
            stop = await detail(city, 1)
            assert [entry["reason"] for entry in stop["history"]] == ["the truck came", "more evidence"]
            assert stop["evidence"]["dwell_seconds"] == 80


async def test_two_shifts_around_midnight_do_not_both_claim_one_visit(open_city: CityFactory) -> None:
    """The truck due at 23:30 and again at 00:40 the next day came once, at 00:35."""
    with frozen(EVENING + timedelta(hours=14)):
        async with open_city() as city:
            body = timetable(
                line(1, route="EVENING", minutes=330),
                line(1, route="NIGHT", minutes=-18 * 60 + 40).replace("NIGHT-S1", "EVENING-S1"),
            )
            await planned(city, body)
            async with city.client(Role.ADMIN) as admin:
                await answered(admin.post("/v1/runs/plans", json={"service_day": "2026-11-17"}))
            await send(city, [*standing(395, 1), far_away(800)])
            await judged(city)
            assert await verdicts(city, "2026-11-16:EVENING") == ["missed"]
            assert await verdicts(city, "2026-11-17:NIGHT") == ["collected"]


async def test_a_run_planned_after_its_lifts_arrived_still_counts_them(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await send(city, [lift(3, "R1-S1"), far_away(200)])
            await judged(city)
            await planned(city)
            await judged(city)
            assert await verdicts(city) == ["collected", "missed", "missed"]


async def test_a_stop_without_a_vehicle_ends_unknown(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, timetable(line(1, vehicle="")))
            await judged(city)
            assert await verdicts(city) == ["unknown"]


async def test_a_process_that_can_remember_few_stops_judges_the_same(
    open_city: CityFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.route.service.telemetry.MOST_STOPS", 1)
    monkeypatch.setattr("services.route.service.telemetry.MOST_ENTRIES", 1)
    with frozen(NIGHT):
        async with open_city() as city:
            both = timetable(*(line(n) for n in (1, 2)), *(line(n, route="R2", vehicle="T-002") for n in (1, 2)))
            await planned(city, both)
            for minutes, stop in ((1, 1), (11, 2)):
                for vehicle_id in ("T-001", "T-002"):
                    await send(city, [*standing(minutes, stop), far_away(-600)], vehicle_id)
            await judged(city)
            assert await verdicts(city) == await verdicts(city, f"{DAY}:R2") == ["collected", "collected"]


async def test_progress_counts_every_record_once(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            for records in (standing(1, 1), standing(1, 1), [far_away(200), lift(3)], [far_away(-100)]):
                await send(city, records, gapless=False)
            await judged(city)
            async with city.apps["route"].state.resources.database.read() as session:
                progress = await session.get(VehicleProgress, "T-001")
            assert (progress.records, progress.lifts, progress.known_until) == (9, 1, at(200))


def driving(begin: float, end: float) -> list[dict[str, Any]]:
    """Out of the way, a fix every minute."""
    return [fix(minute, 8, speed_kmh=30) for minute in range(int(begin), int(end) + 1)]


async def test_what_fell_into_a_silence_is_unknown_until_the_data_of_that_time_comes(open_city: CityFactory) -> None:
    """Live positions go on when the network is back, hours before what was noted without it is sent."""
    with frozen(at(180)):
        async with open_city() as city:
            await planned(city)
            await send(city, [*driving(-60, -2), *driving(50, 170)], gapless=False)
            await judged(city)
            assert await verdicts(city) == ["unknown", "unknown", "unknown"]
            await send(city, [*standing(0, 1), *standing(10, 2), *driving(12, 21)], gapless=False)
            await judged(city)
            assert await verdicts(city) == ["collected", "collected", "unknown"]
            await send(city, driving(22, 49), gapless=False)
            await judged(city)
            assert await verdicts(city) == ["collected", "collected", "missed"]
            history = [entry["verdict"] for entry in (await detail(city, 3))["history"]]
            assert history == ["unknown", "missed"]


async def test_before_a_unit_was_first_heard_of_nobody_knows(open_city: CityFactory) -> None:
    with frozen(at(180)):
        async with open_city() as city:
            await planned(city)
            await send(city, driving(5, 170), gapless=False)
            await judged(city)
            assert await verdicts(city) == ["unknown", "unknown", "missed"]

"""What is missing from a truck's data never makes a stop missed that it collected: it becomes unknown, until the data comes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.judging.facts import Lift, Observation, Silence
from services.route.domain.judging.verdicts import VehicleDay
from services.route.domain.places import PlannedStop
from tests.unit.route.vehicle_days import EXCEPTIONS, RULES, judge_again

EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
NIGHT = EVENING + timedelta(hours=12)
METRE = 1 / 111_195
MINUTES_OF_DAY = (-40, 300)
SILENT_FROM = timedelta(minutes=10)  # services/vehicle/data/alert_limits.json: offline_minutes


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def stop(number: int) -> PlannedStop:
    """Ten minutes and 200 m after the one before; the sixth lies where the first does, two hours later."""
    minutes, north_m = (10 * number, 200 * number) if number < 5 else (150, 0)
    return PlannedStop(
        stop_id=f"S{number}",
        service_point_id=f"P{number}",
        lon=121.4365,
        lat=31.1885 + north_m * METRE,
        planned_at=at(minutes),
        window_start=at(minutes - 10),
        window_end=at(minutes + 30),
    )


STOPS = [stop(number) for number in range(6)]


def driven(served: dict[int, int]) -> list[Observation]:
    """A fix every ten seconds of the evening; at each stop of `served` it stands a minute, so many minutes after its time."""
    standing = {}
    for number, late in served.items():
        begin = STOPS[number].planned_at + timedelta(minutes=late)
        standing |= {begin + timedelta(seconds=s): STOPS[number] for s in range(0, 61, 10)}
    times = [at(MINUTES_OF_DAY[0]) + timedelta(seconds=s) for s in range(0, (MINUTES_OF_DAY[1] - MINUTES_OF_DAY[0]) * 60, 10)]
    return [
        Observation(time, 121.4365, standing[time].lat, 0.0) if time in standing else Observation(time, 121.5, 31.3, 30.0)
        for time in times
    ]


def judged(fixes: Sequence[Observation], lifts: Sequence[Lift]) -> dict[str, str]:
    """As a city would that has only these: it knows from when to when they reach, and in which times the truck was silent."""
    times = sorted({fix.at for fix in fixes})
    silences = [Silence(before, after) for before, after in pairwise(times) if after - before > SILENT_FROM]
    silences += [Silence(at(-10_000), times[0])] if times else []
    known_until = max([*times, *(lift.at for lift in lifts)], default=None)
    day = VehicleDay(STOPS, RULES, EXCEPTIONS)
    return {found.stop_id: found.verdict for found in judge_again(day, fixes, lifts, known_until, NIGHT, (), silences)}


SERVED = st.dictionaries(st.integers(0, 5), st.integers(-8, 28), min_size=1)
CUTS = st.lists(st.tuples(st.integers(-60, 300), st.integers(10, 400)), min_size=1, max_size=4)


@given(SERVED, CUTS, st.sets(st.integers(0, 5)))
def test_cutting_data_away_never_makes_a_collected_stop_missed(
    served: dict[int, int], cuts: list[tuple[int, int]], lifted: set[int]
) -> None:
    fixes = driven(served)
    lifts = [
        Lift(f"L{n}", STOPS[n].planned_at + timedelta(minutes=served[n], seconds=20), f"P{n}", None, None, 40)
        for n in lifted & served.keys()
    ]
    whole = judged(fixes, lifts)

    def is_left(time: datetime) -> bool:
        return not any(at(begin) <= time < at(begin + minutes) for begin, minutes in cuts)

    left = judged([fix for fix in fixes if is_left(fix.at)], [lift for lift in lifts if is_left(lift.at)])
    for stop_id, verdict in whole.items():
        assert verdict != "collected" or left[stop_id] != "missed", (stop_id, whole, left)


@given(SERVED, st.integers(-40, 300))
def test_what_has_not_come_yet_is_unknown_and_then_what_it_was(served: dict[int, int], until: int) -> None:
    """Data that comes in the order of its time: a stop is never called missed before all of it is there."""
    fixes = driven(served)
    whole, half = judged(fixes, []), judged([fix for fix in fixes if fix.at < at(until)], [])
    for stop_id, verdict in whole.items():
        assert half[stop_id] in {verdict, "unknown"}, (stop_id, whole, half)


@pytest.mark.parametrize(("begin", "verdict"), [(-30, "unknown"), (25, "unknown"), (61, "missed")])
def test_only_a_silence_while_the_stop_is_waited_for_hides_it(begin: int, verdict: str) -> None:
    day = VehicleDay([STOPS[0]], RULES, EXCEPTIONS)
    [found] = judge_again(day, [], [], NIGHT, NIGHT, (), [Silence(at(begin), at(begin + 25))])
    assert found.verdict == verdict

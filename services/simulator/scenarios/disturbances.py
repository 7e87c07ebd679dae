"""What goes wrong in a simulated city, chosen by seed, and only where satellites can tell it apart.

A stop may be missed, or a run be late, only if no other standing of the same truck could be taken for its service: a
city cannot know better than its data, and the truth must not ask it to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from services.simulator.devices import sweeping
from services.simulator.devices.day import PlannedStop, RunDisturbance, VehicleDay, VehicleDisturbance, Visit, planned_stops
from services.simulator.devices.driving import drive_day
from services.simulator.devices.motion import apart_m
from services.simulator.devices.tipping import TippingFaults, Yard
from services.simulator.scenarios.truth import verdict_of

NEAR_M = 70
"""Positions within this distance of a stop may be taken for standing at it: the city's radius and the GPS error."""
MATCH_BEFORE_SECONDS = 7 * 3600
MATCH_AFTER_SECONDS = 7 * 3600
"""A visit so long before or after the planned time may be taken for the stop's."""
LEAST_FLEET_WITH_SILENT_TRUCK = 5

LATE_RUNS, EARLY_RUNS, RUNS_WITH_MISSES = 0.07, 0.05, 0.15
VEHICLES_BREAKING_DOWN, VEHICLES_LOSING_SIGNAL = 0.03, 0.25
VEHICLES_REPEATING, VEHICLES_AHEAD = 0.2, 0.06
SHUFFLED_BACKLOGS = 0.5
CLOCK_AHEAD_SECONDS = 420
"""More than the five minutes that a city usually allows, so that live records are flagged as of the future."""


def disturbed_day(
    vehicle_id: str,
    runs: Sequence[Mapping[str, Any]],
    *,
    seed: int,
    disturbed: bool = True,
    silent: bool = False,
    depot: tuple[float, float] | None = None,
    start_s: int | None = None,
    end_s: int = 0,
    yard: Yard | None = None,
    tipping: TippingFaults | None = None,
) -> VehicleDay:
    """The truck's day with the disturbances that the seed gives it and that can be told apart; none if not `disturbed`."""
    chosen = choose(vehicle_id, runs, seed) if disturbed else VehicleDisturbance()
    wanted = replace(chosen, silent=silent, tipping=tipping or TippingFaults())
    return settle(vehicle_id, runs, wanted, seed=seed, depot=depot, start_s=start_s, end_s=end_s, yard=yard)


def settle(
    vehicle_id: str,
    runs: Sequence[Mapping[str, Any]],
    wanted: VehicleDisturbance,
    *,
    seed: int,
    depot: tuple[float, float] | None = None,
    start_s: int | None = None,
    end_s: int = 0,
    yard: Yard | None = None,
) -> VehicleDay:
    """The day driven with `wanted`, without the disturbances of runs that would leave the city guessing."""
    while True:
        day = drive_day(vehicle_id, runs, seed=seed, disturbance=wanted, depot=depot, start_s=start_s, end_s=end_s, yard=yard)
        guessing = confusable_runs(day) & wanted.runs.keys()
        if not guessing:
            return day
        wanted = replace(wanted, runs={run_id: d for run_id, d in wanted.runs.items() if run_id not in guessing})


def silent_vehicle(vehicle_ids: Iterable[str], seed: int) -> str | None:
    """The one truck of a fleet whose unit never sends; none in a small fleet."""
    fleet = sorted(vehicle_ids)
    return Random(f"{seed}:silent").choice(fleet) if len(fleet) >= LEAST_FLEET_WITH_SILENT_TRUCK else None


def choose(vehicle_id: str, runs: Sequence[Mapping[str, Any]], seed: int) -> VehicleDisturbance:
    stops = planned_stops(runs)
    rng = Random(f"{seed}:{vehicle_id}:disturbances:{stops[0].planned_s}")
    by_run: dict[str, list[PlannedStop]] = {}
    for stop in stops:
        by_run.setdefault(stop.run_id, []).append(stop)
    of_runs = {
        run_id: (sweeping.of_run if run_stops[0].line else _of_run)(rng, run_stops) for run_id, run_stops in by_run.items()
    }
    if rng.random() < VEHICLES_BREAKING_DOWN:
        breaking_id, breaking_stops = rng.choice(list(by_run.items()))
        of_runs[breaking_id] = RunDisturbance(breakdown_after=rng.randint(1, max(1, len(breaking_stops) - 1)))
        # What comes after the breakdown is missed as well: it must be as clear, so its runs count as disturbed.
    losses, shuffled = _signal_losses(rng, stops), rng.random() < SHUFFLED_BACKLOGS
    return VehicleDisturbance(
        runs={run_id: disturbance for run_id, disturbance in of_runs.items() if disturbance != RunDisturbance()},
        signal_losses=losses,
        shuffled=shuffled,
        repeats=rng.randint(2, 5) if rng.random() < VEHICLES_REPEATING else None,
        clock_ahead_seconds=CLOCK_AHEAD_SECONDS if rng.random() < VEHICLES_AHEAD else 0,
    )


def _of_run(rng: Random, stops: Sequence[PlannedStop]) -> RunDisturbance:
    draw = rng.random()
    if draw < LATE_RUNS:
        after_window = max(stop.window_end_s - stop.planned_s for stop in stops)
        return RunDisturbance(shift_seconds=after_window + rng.randint(300, 1200))
    if draw < LATE_RUNS + EARLY_RUNS:
        before_window = max(stop.planned_s - stop.window_start_s for stop in stops)
        return RunDisturbance(shift_seconds=-before_window - rng.randint(400, 900))
    if draw < LATE_RUNS + EARLY_RUNS + RUNS_WITH_MISSES:
        missed = rng.sample(list(stops), min(len(stops), rng.randint(1, 3)))
        return RunDisturbance(missed=frozenset(stop.stop_id for stop in missed))
    return RunDisturbance()


def _signal_losses(rng: Random, stops: Sequence[PlannedStop]) -> tuple[tuple[int, int], ...]:
    if rng.random() >= VEHICLES_LOSING_SIGNAL:
        return ()
    begin_s = rng.randint(stops[0].planned_s, stops[-1].planned_s)
    return ((begin_s, begin_s + rng.randint(600, 5400)),)


def confusable_runs(day: VehicleDay) -> set[str]:
    """Runs with a stop whose verdict would be another one if a nearby visit of the same truck were taken for it.

    Both sides are named: the run of the stop and the runs that the other visit served; for a breakdown, its run too.
    """
    own = {stop.stop_id: visit for visit in day.visits for stop in visit.stops}
    broken = {run_id for run_id, disturbance in day.disturbance.runs.items() if disturbance.breakdown_after is not None}
    runs: set[str] = set()
    ahead = day.disturbance.clock_ahead_seconds
    for stop in day.stops:
        visit = own.get(stop.stop_id)
        truth = verdict_of(stop, visit, ahead)
        others = [other for other in day.visits if other is not visit and _could_be_taken_for(day, other, stop)]
        differing = [other for other in others if verdict_of(stop, other, ahead) != truth]
        if differing:
            runs |= {stop.run_id, *(served.run_id for other in differing for served in other.stops)}
            runs |= broken if visit is None else set()
    return runs


def _could_be_taken_for(day: VehicleDay, visit: Visit, stop: PlannedStop) -> bool:
    if stop.line:
        return False  # what is covered counts for the pass whose window is nearest
    if not -MATCH_BEFORE_SECONDS < visit.arrive_s - stop.planned_s < MATCH_AFTER_SECONDS:
        return False
    return apart_m(visit.place, day.plane.place(stop.lon, stop.lat)) < NEAR_M

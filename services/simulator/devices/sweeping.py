"""How a truck works its way along a road section, and how it leaves one undone.

What it covers counts for the pass whose window is nearest, so nothing here can be taken for another pass: sections are
driven past or left half done, but whole rounds are not begun hours early or late.
"""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from services.simulator.devices.day import PlannedStop, RunDisturbance
from services.simulator.devices.motion import Place, Plane, apart_m

WORK_MS = {"sweeping": 8 / 3.6, "flushing": 10 / 3.6, "disinfection": 10 / 3.6, "collection": 6 / 3.6}
"""Sweepers and washers creep; a truck that drives through a street without working is at least twice as fast."""
RUNS_WITH_MISSES, RUNS_WITH_PARTS = 0.12, 0.12
LEAST_PART, MOST_PART = 0.3, 0.55
"""Far from what any city would take for the whole section."""


def of_run(rng: Random, stops: Sequence[PlannedStop]) -> RunDisturbance:
    """One section of the round is passed by, or only a part of it is done."""
    draw, chosen = rng.random(), frozenset({rng.choice(list(stops)).stop_id})
    if draw < RUNS_WITH_MISSES:
        return RunDisturbance(missed=chosen)
    if draw < RUNS_WITH_MISSES + RUNS_WITH_PARTS:
        return RunDisturbance(partial=chosen)
    return RunDisturbance()


def way_along(plane: Plane, stop: PlannedStop, here: Place, share: float = 1.0) -> list[Place]:
    """The section from its nearer end on, as far as `share` of it goes."""
    line = [plane.place(lon, lat) for lon, lat in stop.line]
    if apart_m(here, line[-1]) < apart_m(here, line[0]):
        line.reverse()
    left_m = share * sum(apart_m(*ends) for ends in pairwise(line))
    way = line[:1]
    for start, end in pairwise(line):
        step_m = apart_m(start, end)
        if step_m >= left_m:
            part = left_m / step_m
            return [*way, (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]))]
        way.append(end)
        left_m -= step_m
    return way

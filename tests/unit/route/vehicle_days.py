"""What a vehicle-day comes to that has only these facts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from services.route.domain.judging.facts import Lift, Observation, Report, Silence, VehicleDayFacts
from services.route.domain.judging.findings import Judgement
from services.route.domain.judging.verdicts import VehicleDay
from services.route.domain.places import PlannedStop
from services.route.rulebooks import EXCEPTION_RULES, JUDGEMENT_RULES

RULES, EXCEPTIONS = JUDGEMENT_RULES.versions[-1], EXCEPTION_RULES.versions[-1]


def judge_again(
    day: VehicleDay,
    observations: Iterable[Observation],
    lifts: Iterable[Lift],
    known_until: datetime | None,
    now: datetime,
    reports: Iterable[Report] = (),
    silences: Iterable[Silence] = (),
) -> list[Judgement]:
    facts = VehicleDayFacts(
        vehicle_id="T-001",
        day=date(2026, 11, 16),
        stops=tuple(day.stops),
        positions=tuple(observations),
        lifts=tuple(lifts),
        reports=tuple(reports),
        silences=tuple(silences),
        known_until=known_until,
    )
    return day.judge(facts, day.match(facts), now)


def judge(
    stops: Sequence[PlannedStop],
    observations: Iterable[Observation],
    lifts: Iterable[Lift],
    reports: Iterable[Report] = (),
    *,
    known_until: datetime | None,
    now: datetime,
) -> list[Judgement]:
    return judge_again(VehicleDay(stops, RULES, EXCEPTIONS), observations, lifts, known_until, now, reports)

"""What a driver reports from the cab changes verdicts by rule, not by hand (`data/exception_rules.json`).

A report that excuses makes an unserved stop `excepted`: from the moment of the report on, and until the stop is served
after all. It must be credible: the truck itself was near, by its own data. Whatever a report says stands in the evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.route.domain.judging.facts import Report
from services.route.domain.judging.rules import REST, ExceptionRules
from services.route.domain.judging.visits import Sighting, Visit
from services.route.domain.places import PlannedStop


@dataclass(frozen=True, slots=True)
class Claim:
    """What was reported of one stop, in the order of time; `excused_at` is None unless some of it excuses."""

    reports: tuple[Report, ...] = ()
    excused_at: datetime | None = None

    def with_report(self, report: Report, *, excuses: bool) -> "Claim":
        return Claim((*self.reports, report), report.at if excuses and self.excused_at is None else self.excused_at)


NOTHING_SAID = Claim()


def of_the_day(reports: Iterable[Report], first_planned_at: datetime, rules: ExceptionRules) -> list[Report]:
    """Without those that meant the rest of the day before."""
    since = first_planned_at - timedelta(hours=rules.rest_before_hours)
    return [report for report in reports if rules.of(report.code).reaches != REST or report.at >= since]


def claims_of(
    reports: Iterable[Report],
    stops: Sequence[PlannedStop],
    place_of: Mapping[PlannedStop, int],
    sightings: Sequence[Sighting],
    visits: Sequence[Visit],
    rules: ExceptionRules,
) -> dict[PlannedStop, Claim]:
    """What the reports of a vehicle-day say of its stops; the order in which they are given makes no difference."""
    claims: dict[PlannedStop, Claim] = {}
    for report in sorted(set(reports), key=lambda report: (report.at, report.report_id)):
        rule = rules.of(report.code)
        if rule.reaches == REST:
            until = min((visit.begin for visit in visits if visit.begin > report.at), default=None)
            for stop in stops:
                if stop.window_end >= report.at and (until is None or stop.planned_at < until):
                    claims[stop] = claims.get(stop, NOTHING_SAID).with_report(report, excuses=rule.excuses)
            continue
        stop_meant = _stop_of(report, stops, place_of, sightings, rules)
        if stop_meant is not None:
            excuses = rule.excuses and _was_near(report, stop_meant, place_of[stop_meant], sightings, rules)
            claims[stop_meant] = claims.get(stop_meant, NOTHING_SAID).with_report(report, excuses=excuses)
    return claims


def _stop_of(
    report: Report,
    stops: Sequence[PlannedStop],
    place_of: Mapping[PlannedStop, int],
    sightings: Sequence[Sighting],
    rules: ExceptionRules,
) -> PlannedStop | None:
    """By the stop it names, else the service point, else where the driver stood, else where the truck was seen then."""
    meant = [stop for stop in stops if stop.stop_id == report.stop_id]
    meant = meant or [stop for stop in stops if stop.service_point_id == report.service_point_id]
    if not meant:
        place = _place_then(report, stops, place_of, sightings, rules)
        meant = [stop for stop in stops if place_of[stop] == place]
    return min(meant, key=lambda stop: (abs(stop.planned_at - report.at), stop.stop_id), default=None)


def _place_then(
    report: Report,
    stops: Sequence[PlannedStop],
    place_of: Mapping[PlannedStop, int],
    sightings: Sequence[Sighting],
    rules: ExceptionRules,
) -> int | None:
    if report.lon is not None and report.lat is not None:
        lon, lat = report.lon, report.lat
        near = [(stop.metres_from(lon, lat), abs(stop.planned_at - report.at), stop) for stop in stops]
        near = [entry for entry in near if entry[0] <= rules.claim_radius_m]
        return place_of[min(near, key=lambda entry: (entry[1], entry[0], entry[2].stop_id))[2]] if near else None
    soon = [sighting for sighting in sightings if _is_soon(sighting, report, rules)]
    nearest = min(soon, key=lambda s: (abs(s.at - report.at), *s[:5]), default=None)  # its speed may be unknown
    return None if nearest is None else nearest.place


def _was_near(report: Report, stop: PlannedStop, place: int, sightings: Sequence[Sighting], rules: ExceptionRules) -> bool:
    was_here = (
        report.lon is not None and report.lat is not None and stop.metres_from(report.lon, report.lat) <= rules.claim_radius_m
    )
    return was_here or any(sighting.place == place and _is_soon(sighting, report, rules) for sighting in sightings)


def _is_soon(sighting: Sighting, report: Report, rules: ExceptionRules) -> bool:
    return abs(sighting.at - report.at) <= timedelta(minutes=rules.claim_minutes)

"""What became of each stop of a vehicle-day, decided from where the truck stood and what it lifted, by event time.

A vehicle-day is every stop planned for one vehicle on one day, whatever runs they belong to. The same facts in any
order, and any of them twice, give the same verdicts; a fact that arrives late simply counts the next time.

1. A position belongs to the nearest stop within `near_radius_m`; stops that GPS cannot tell apart are one *place*.
2. Standing still at a place, and lifting bins there, makes a *visit*.
3. Stops planned together at a place are one *occasion*. A lift that names its service point serves that point's stop;
   other visits serve the occasions of their place, in order, as many as possible, each the nearest in time.
4. The beginning of the visit, held against the stop's window, is the verdict; at a fixed-time point the truck must have
   stayed (`fixed_time.py`), at a medical-isolation stop it must be disinfected, too (`disinfection.py`).
5. A section of a street is served by covering it (`coverage/passes.py`).
6. A stop that nobody served is excepted where a driver's report excuses it (`claims.py`), else missed, if the truck's
   data is complete: it reaches past the stop's deadline, without a silence in the time the stop was waited for. Else unknown.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.route.domain.coverage.passes import Coverage, Pass, metres
from services.route.domain.judging import disinfection, fixed_time
from services.route.domain.judging.claims import Claim, ExceptionRules, Report, claims_of
from services.route.domain.judging.findings import (
    COLLECTED,
    EARLY,
    EXCEPTED,
    LATE,
    MISSED,
    PLANNED,
    SERVED,
    UNKNOWN,
    Evidence,
    Judgement,
    Silence,
)
from services.route.domain.judging.matching import matched
from services.route.domain.judging.nearby import NearbyStops
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.judging.visits import Lift, Observation, Sighting, Stretch, Visit, stretches_of, visits_of
from services.route.domain.places import FIXED_TIME, ISOLATION, Occasion, PlannedStop, in_planned_order, places_of


class VehicleDay:
    """Prepared once for the stops of a vehicle's day, then asked as often as facts arrive."""

    def __init__(self, stops: Iterable[PlannedStop], rules: JudgementRules, exceptions: ExceptionRules) -> None:
        self.rules, self.exceptions = rules, exceptions
        self.stops = in_planned_order(stops)
        self._points = [stop for stop in self.stops if stop.section is None]
        self.places = places_of(self._points, rules)
        place_of = {stop: number for number, place in enumerate(self.places) for stop in place.stops}
        self._place_numbers = [place_of[stop] for stop in self._points]
        self._stops_of_point: dict[str | None, list[tuple[PlannedStop, int]]] = {}
        for stop in self._points:
            self._stops_of_point.setdefault(stop.service_point_id, []).append((stop, place_of[stop]))
        self._nearby = NearbyStops(self._points, rules.near_radius_m)
        self._coverage = Coverage(self.stops, rules, len(self.places))
        self._place_of = place_of | self._coverage.place_of()

    def nearest_stop(self, lon: float, lat: float) -> tuple[PlannedStop, float] | None:
        """The stop a position belongs to and the metres to it; positions without one need not be kept for judging."""
        found = self._nearby.nearest(lon, lat)
        return None if found is None else (self._points[found[0]], found[1])

    def judge(
        self,
        observations: Iterable[Observation],
        lifts: Iterable[Lift],
        known_until: datetime | None,
        now: datetime,
        reports: Iterable[Report] = (),
        silences: Sequence[Silence] = (),
    ) -> list[Judgement]:
        """One judgement for each stop, in planned order. `known_until`: how far the vehicle's data reaches."""
        observations = set(observations)
        sightings = self._sightings(observations)
        stretches = stretches_of(sightings, self.rules)
        located = [(self._place_of_lift(lift, stretches), lift) for lift in _distinct(lifts)]
        visits = visits_of(stretches, [(place, lift) for place, lift in located if place is not None], self.rules)
        services = self._services(visits)
        passes = self._coverage.passes(observations, [lift for place, lift in located if place is None])
        if reports := list(reports):
            sightings += self._coverage.sightings(observations)
        visits += self._coverage.visits(passes)
        claims = claims_of(reports, self.stops, self._place_of, sightings, visits, self.exceptions)
        said = [claims.get(stop, NOTHING_SAID) for stop in self.stops]
        reach = [None if self._is_hidden(stop, silences) else known_until for stop in self.stops]
        return [
            self._covered(passes[stop], claim, until, now) if stop in passes else self._judged(stop, services, claim, until, now)
            for stop, claim, until in zip(self.stops, said, reach, strict=True)
        ]

    # --- visits

    def _sightings(self, observations: Iterable[Observation]) -> list[Sighting]:
        sightings = []
        for at, lon, lat, speed_kmh, _ in set(observations):
            near = self._nearby.nearest(lon, lat)
            if near is not None:
                sightings.append(Sighting(at, self._place_numbers[near[0]], near[1], lon, lat, speed_kmh))
        no_speed = -1.0
        return sorted(sightings, key=lambda s: (*s[:5], no_speed if s.speed_kmh is None else s.speed_kmh))

    def _place_of_lift(self, lift: Lift, stretches: Sequence[Stretch]) -> int | None:
        """By the service point it names, else by its position, else by where the truck stood at the time."""
        named = self._stops_of_point.get(lift.service_point_id)
        if named:
            return min(named, key=lambda at_place: abs(at_place[0].planned_at - lift.at))[1]
        if lift.lon is not None and lift.lat is not None:
            near = self._nearby.nearest(lift.lon, lift.lat)
            return None if near is None else self._place_numbers[near[0]]
        then = [stretch for stretch in stretches if stretch.seconds_from(lift.at) <= self.rules.visit_gap_seconds]
        nearest = min(then, key=lambda s: (s.seconds_from(lift.at), s.begin, s.place), default=None)
        return None if nearest is None else nearest.place

    # --- which visit served which stop

    def _services(self, visits: Sequence[Visit]) -> dict[PlannedStop, Visit]:
        at_place: defaultdict[int, list[Visit]] = defaultdict(list)
        for visit in visits:
            at_place[visit.place].append(visit)
        services: dict[PlannedStop, Visit] = {}
        for number, place_visits in at_place.items():
            place = self.places[number]
            here = self._served_by_name(place.stops, place_visits)
            general = [visit for visit in place_visits if self._serves_whoever_is_here(visit)]
            self._serve_companions(place.occasions, general, here)
            self._serve_in_order(place.occasions, general, here)
            self._serve_waiting(place.occasions, general, here)
            services |= here
        return services

    def _served_by_name(self, stops: Sequence[PlannedStop], visits: Sequence[Visit]) -> dict[PlannedStop, Visit]:
        services: dict[PlannedStop, Visit] = {}
        for point_id in {lift.service_point_id for visit in visits for lift in visit.lifts}:
            named = [visit for visit in visits if any(lift.service_point_id == point_id for lift in visit.lifts)]
            occasions = [Occasion((stop,)) for stop in stops if stop.service_point_id == point_id]
            services |= {occasion.stops[0]: visit for occasion, visit in matched(occasions, named, self._seconds_apart)}
        return services

    def _serve_companions(
        self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]
    ) -> None:
        """A visit that a lift gave to one stop of an occasion serves the others there too, if the truck stood."""
        for occasion in occasions:
            given = [services[stop] for stop in occasion.stops if stop in services]
            visits = sorted((visit for visit in general if visit in given), key=lambda visit: visit.begin)
            for stop in occasion.stops:
                if visits and stop not in services:
                    services[stop] = min(visits, key=lambda visit: abs(visit.begin - stop.planned_at))

    def _serve_in_order(
        self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]
    ) -> None:
        used = list(services.values())
        free = [visit for visit in general if visit not in used]
        waiting = [occasion for occasion in occasions if any(stop not in services for stop in occasion.stops)]
        for occasion, visit in matched(waiting, free, self._seconds_apart, is_strong=lambda v: bool(v.lifts)):
            for stop in occasion.stops:
                services.setdefault(stop, visit)

    def _serve_waiting(self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]) -> None:
        """A truck that stays over several occasions of a place serves them all; it may be minutes off each. What was
        ordered is served as well by a truck that comes for another stop in time."""
        near = timedelta(seconds=self.rules.visit_gap_seconds)
        for occasion in occasions:
            until = occasion.stops[0].window_end if occasion.not_before else occasion.end + near
            there = [v for v in general if v.begin <= until and v.end >= (occasion.not_before or occasion.begin - near)]
            for stop in occasion.stops:
                if there:
                    services.setdefault(stop, there[0])

    def _serves_whoever_is_here(self, visit: Visit) -> bool:
        stood = bool(visit.stretches) and visit.dwell_seconds >= self.rules.dwell_seconds
        return stood or any(not self._names_a_stop(lift) for lift in visit.lifts)

    def _names_a_stop(self, lift: Lift) -> bool:
        return lift.service_point_id in self._stops_of_point

    def _seconds_apart(self, occasion: Occasion, visit: Visit) -> float | None:
        """Between the planned times and the visit; None for what cannot be meant for the occasion."""
        if occasion.not_before is not None and visit.end < occasion.not_before:
            return None
        early = (occasion.begin - visit.end).total_seconds()
        late = (visit.begin - occasion.end).total_seconds()
        most_early = self.rules.match_hours * 3600 if visit.lifts else self.rules.match_early_minutes * 60
        if early > most_early or late > self.rules.match_hours * 3600:
            return None
        return max(early, late, 0.0)

    # --- verdicts

    def _judged(
        self,
        stop: PlannedStop,
        services: dict[PlannedStop, Visit],
        claim: Claim,
        known_until: datetime | None,
        now: datetime,
    ) -> Judgement:
        visit = services.get(stop)
        if visit is None:
            verdict = EXCEPTED if claim.excused_at else self._unserved(stop, known_until, now)
            return Judgement(stop.stop_id, verdict, None, _said(claim) if claim.reports else None)
        served_at = _served_at(stop, visit)
        verdict = EARLY if served_at < stop.window_start else LATE if served_at > stop.window_end else COLLECTED
        if stop.mode == FIXED_TIME:
            verdict = fixed_time.verdict_of(stop, visit, known_until, now, self.rules)
        disinfected_at = None
        if stop.mode == ISOLATION:
            disinfected_at = disinfection.disinfected_at(visit, claim.reports, self.rules)
            verdict = verdict if disinfected_at else disinfection.verdict_without(visit, known_until, now, self.rules)
        others = tuple(
            other.stop_id for other in self.places[visit.place].stops if other != stop and services.get(other) is visit
        )
        evidence = replace(self._evidence(stop, visit, others, claim), disinfected_at=disinfected_at)
        return Judgement(stop.stop_id, verdict, served_at if verdict in SERVED else None, evidence)

    def _covered(self, found: Pass, claim: Claim, known_until: datetime | None, now: datetime) -> Judgement:
        stop, verdict = found.stop, found.outcome.verdict
        if verdict is None:
            verdict = EXCEPTED if claim.excused_at else self._unserved(stop, known_until, now)
        seen = found.worked or claim.reports or found.outcome.verdict
        evidence = _covering(found, claim) if seen else None
        return Judgement(stop.stop_id, verdict, found.outcome.served_at, evidence)

    def _unserved(self, stop: PlannedStop, known_until: datetime | None, now: datetime) -> str:
        """A stop is missed only if the truck's own data reaches past the time it was waited for; that may be on its way."""
        deadline = stop.window_end + self.rules.grace
        if now > deadline and known_until is not None and known_until >= deadline:
            return MISSED
        return PLANNED if now <= deadline + self.rules.patience else UNKNOWN

    def _is_hidden(self, stop: PlannedStop, silences: Sequence[Silence]) -> bool:
        """Whether the truck may have been there unseen."""
        deadline = stop.window_end + self.rules.grace
        return any(silence.begin < deadline and silence.end > stop.window_start for silence in silences)

    def _is_meant_for(self, lift: Lift, stop: PlannedStop) -> bool:
        return lift.service_point_id == stop.service_point_id or not self._names_a_stop(lift)

    def _evidence(self, stop: PlannedStop, visit: Visit, shared_with: tuple[str, ...], claim: Claim) -> Evidence:
        lifts = [lift for lift in visit.lifts if self._is_meant_for(lift, stop)]
        weights_kg = [lift.net_kg for lift in lifts if lift.net_kg is not None]
        stretches = visit.stretches
        return Evidence(
            what="lift" if lifts else "dwell",
            visit_from=visit.begin,
            visit_to=visit.end,
            lift_ids=tuple(lift.lift_id for lift in lifts),
            net_kg=sum(weights_kg) if weights_kg else None,
            dwell_from=stretches[0].begin if stretches else None,
            dwell_to=max(stretch.end for stretch in stretches) if stretches else None,
            dwell_seconds=round(visit.dwell_seconds) if stretches else None,
            nearest_m=round(min(stretch.nearest_m for stretch in stretches), 1) if stretches else None,
            shared_with=shared_with,
            report_ids=tuple(report.report_id for report in claim.reports),
            codes=tuple(report.code for report in claim.reports),
        )


def judge(
    stops: Iterable[PlannedStop],
    observations: Iterable[Observation],
    lifts: Iterable[Lift],
    reports: Iterable[Report] = (),
    *,
    known_until: datetime | None,
    now: datetime,
    rules: JudgementRules,
    exceptions: ExceptionRules,
) -> list[Judgement]:
    return VehicleDay(stops, rules, exceptions).judge(observations, lifts, known_until, now, reports)


NOTHING_SAID = Claim()


def _covering(found: Pass, claim: Claim) -> Evidence:
    weights_kg = [lift.net_kg for lift in found.lifts if lift.net_kg is not None]
    covered_m = metres(found.outcome.spans)
    return Evidence(
        what="coverage" if found.worked or found.outcome.verdict else "report",
        visit_from=found.worked[0].begin if found.worked else None,
        visit_to=found.worked[-1].end if found.worked else None,
        lift_ids=tuple(lift.lift_id for lift in found.lifts),
        net_kg=sum(weights_kg) if weights_kg else None,
        shared_with=tuple(sorted({one.stop.stop_id for end in found.beside for one in end if one.outcome.verdict})),
        report_ids=tuple(report.report_id for report in claim.reports),
        codes=tuple(report.code for report in claim.reports),
        excused_at=None if found.outcome.verdict else claim.excused_at,
        coverage=round(covered_m / found.length_m, 3),
        covered_m=round(covered_m),
        length_m=round(found.length_m),
        missing=tuple({"from_m": round(begin), "to_m": round(end)} for begin, end in found.missing()),
    )


def _said(claim: Claim) -> Evidence:
    return Evidence(
        what="report",
        report_ids=tuple(report.report_id for report in claim.reports),
        codes=tuple(report.code for report in claim.reports),
        excused_at=claim.excused_at,
    )


def _served_at(stop: PlannedStop, visit: Visit) -> datetime:
    """A truck that came before the window but was there at the planned time was not early: it waited."""
    waited = visit.begin <= stop.planned_at <= visit.end
    began_at = max(visit.begin, stop.not_before or visit.begin)
    return max(began_at, min(stop.window_start, stop.planned_at)) if waited else began_at


def _distinct(lifts: Iterable[Lift]) -> list[Lift]:
    """One of each lift id, in time order; should two differ under one id, always the same one is taken."""
    ordered = sorted(lifts, key=lambda lift: (lift.at, lift.lift_id, repr(lift)), reverse=True)
    return sorted({lift.lift_id: lift for lift in ordered}.values(), key=lambda lift: (lift.at, lift.lift_id))

"""What became of each stop of a vehicle-day, decided from where the truck stood and what it lifted, by event time.

A vehicle-day is every stop planned for one vehicle on one day, whatever runs they belong to. The same facts in any
order, and any of them twice, give the same verdicts; a fact that arrives late simply counts the next time.

1. Visits are matched to stops (`visits.py`), and what drivers reported of them (`claims.py`).
2. The beginning of the visit, held against the stop's window, is the verdict; at a fixed-time point the truck must have
   stayed, at a medical-isolation stop it must be disinfected, too.
3. A section of a street is served by covering it (`coverage/passes.py`).
4. A stop that nobody served is excepted where a driver's report excuses it, else missed, if the truck's data is complete: it
   reaches past the stop's deadline, without a silence in the time the stop was waited for. Else unknown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.route.domain.coverage.passes import Coverage, Pass, metres
from services.route.domain.judging.claims import NOTHING_SAID, Claim, claims_of
from services.route.domain.judging.facts import Report, Silence, VehicleDayFacts
from services.route.domain.judging.findings import SERVED, Evidence, Gap, Judgement
from services.route.domain.judging.rules import ExceptionRules, JudgementRules
from services.route.domain.judging.visits import Places, Visit
from services.route.domain.places import FIXED_TIME, ISOLATION, PlannedStop, in_planned_order
from shared.vocabulary import Verdict

DISINFECTED = "disinfected"


@dataclass(frozen=True, slots=True)
class Matches:
    """Which visit served which stop at a point, what was covered for each pass over a section, what drivers said of a stop."""

    services: dict[PlannedStop, Visit]
    passes: dict[PlannedStop, Pass]
    claims: dict[PlannedStop, Claim]


class VehicleDay:
    """Prepared once for the stops of a vehicle's day, then asked as often as facts arrive."""

    def __init__(self, stops: Iterable[PlannedStop], rules: JudgementRules, exceptions: ExceptionRules) -> None:
        self.rules, self.exceptions = rules, exceptions
        self.stops = in_planned_order(stops)
        self.places = Places([stop for stop in self.stops if stop.section is None], rules)
        self._coverage = Coverage(self.stops, rules, len(self.places.places))
        self._place_of = self.places.number_of | self._coverage.place_of()

    def match(self, facts: VehicleDayFacts) -> Matches:
        """What was done, by stop."""
        here = self.places.visited(facts)
        passes = self._coverage.passes(facts.positions, here.other_lifts)
        beside = self._coverage.sightings(facts.positions) if facts.reports else []
        visits = here.visits + self._coverage.visits(passes)
        claims = claims_of(facts.reports, self.stops, self._place_of, here.sightings + beside, visits, self.exceptions)
        return Matches(here.services, passes, claims)

    def judge(self, facts: VehicleDayFacts, matches: Matches, now: datetime) -> list[Judgement]:
        """One judgement for each stop, in planned order."""
        return [self._judgement(stop, matches, self._reach(stop, facts), now) for stop in self.stops]

    def _reach(self, stop: PlannedStop, facts: VehicleDayFacts) -> datetime | None:
        """How far the truck's data reaches; None where it may have been at the stop unseen."""
        return None if self._is_hidden(stop, facts.silences) else facts.known_until

    def _is_hidden(self, stop: PlannedStop, silences: Sequence[Silence]) -> bool:
        deadline = stop.window_end + self.rules.grace
        return any(silence.begin < deadline and silence.end > stop.window_start for silence in silences)

    def _judgement(self, stop: PlannedStop, matches: Matches, known_until: datetime | None, now: datetime) -> Judgement:
        claim = matches.claims.get(stop, NOTHING_SAID)
        if stop in matches.passes:
            return self._of_section(matches.passes[stop], claim, known_until, now)
        visit = matches.services.get(stop)
        if visit is None:
            verdict = Verdict.EXCEPTED if claim.excused_at else self._unserved(stop, known_until, now)
            return Judgement(stop.stop_id, verdict, None, _reported(claim) if claim.reports else None)
        return self._of_visit(stop, visit, matches, claim, known_until, now)

    def _of_section(self, over: Pass, claim: Claim, known_until: datetime | None, now: datetime) -> Judgement:
        stop, verdict = over.stop, over.outcome.verdict
        if verdict is None:
            verdict = Verdict.EXCEPTED if claim.excused_at else self._unserved(stop, known_until, now)
        is_known = over.worked or claim.reports or over.outcome.verdict
        return Judgement(stop.stop_id, verdict, over.outcome.served_at, _covering(over, claim) if is_known else None)

    def _unserved(self, stop: PlannedStop, known_until: datetime | None, now: datetime) -> Verdict:
        """A stop is missed only if the truck's own data reaches past the time it was waited for; that may be on its way."""
        deadline = stop.window_end + self.rules.grace
        if now > deadline and known_until is not None and known_until >= deadline:
            return Verdict.MISSED
        return Verdict.PLANNED if now <= deadline + self.rules.patience else Verdict.UNKNOWN

    def _of_visit(
        self, stop: PlannedStop, visit: Visit, matches: Matches, claim: Claim, known_until: datetime | None, now: datetime
    ) -> Judgement:
        served_at = _served_at(stop, visit)
        verdict = _in_window(stop, served_at)
        if stop.mode == FIXED_TIME:
            verdict = waited(stop, visit, known_until, now, self.rules)
        at = disinfected_at(visit, claim.reports, self.rules) if stop.mode == ISOLATION else None
        if stop.mode == ISOLATION and at is None:
            verdict = not_disinfected(visit, known_until, now, self.rules)
        evidence = replace(self._evidence(stop, visit, matches, claim), disinfected_at=at)
        return Judgement(stop.stop_id, verdict, served_at if verdict in SERVED else None, evidence)

    def _evidence(self, stop: PlannedStop, visit: Visit, matches: Matches, claim: Claim) -> Evidence:
        lifts = self.places.lifts_for(stop, visit)
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
            shared_with=self.places.companions(stop, visit, matches.services),
            report_ids=tuple(report.report_id for report in claim.reports),
            codes=tuple(report.code for report in claim.reports),
        )


def _served_at(stop: PlannedStop, visit: Visit) -> datetime:
    """A truck that came before the window but was there at the planned time was not early: it waited."""
    was_there = visit.begin <= stop.planned_at <= visit.end
    began_at = max(visit.begin, stop.not_before or visit.begin)
    return max(began_at, min(stop.window_start, stop.planned_at)) if was_there else began_at


def _in_window(stop: PlannedStop, served_at: datetime) -> Verdict:
    if served_at < stop.window_start:
        return Verdict.EARLY
    return Verdict.LATE if served_at > stop.window_end else Verdict.COLLECTED


def _reported(claim: Claim) -> Evidence:
    return Evidence(
        what="report",
        report_ids=tuple(report.report_id for report in claim.reports),
        codes=tuple(report.code for report in claim.reports),
        excused_at=claim.excused_at,
    )


def _covering(over: Pass, claim: Claim) -> Evidence:
    weights_kg = [lift.net_kg for lift in over.lifts if lift.net_kg is not None]
    covered_m = metres(over.outcome.spans)
    return Evidence(
        what="coverage" if over.worked or over.outcome.verdict else "report",
        visit_from=over.worked[0].begin if over.worked else None,
        visit_to=over.worked[-1].end if over.worked else None,
        lift_ids=tuple(lift.lift_id for lift in over.lifts),
        net_kg=sum(weights_kg) if weights_kg else None,
        shared_with=tuple(sorted({one.stop.stop_id for end in over.beside for one in end if one.outcome.verdict})),
        report_ids=tuple(report.report_id for report in claim.reports),
        codes=tuple(report.code for report in claim.reports),
        excused_at=None if over.outcome.verdict else claim.excused_at,
        coverage=round(covered_m / over.length_m, 3),
        covered_m=round(covered_m),
        length_m=round(over.length_m),
        missing=tuple(Gap(round(begin), round(end)) for begin, end in over.missing()),
    )


# --- fixed-time fixed-point collection (定时定点): the truck waits at the point through the window, people bring their waste


def waited(stop: PlannedStop, visit: Visit, known_until: datetime | None, now: datetime, rules: JudgementRules) -> Verdict:
    """Collected if the truck came when the window opened and stayed until it closed; late if people waited for the truck, early
    if the truck did not wait for people. Before its data says that it left, nobody knows."""
    begin, end = _stayed(visit)
    leaving_at = stop.window_end - rules.fixed_time_tolerance
    if begin > stop.window_start + rules.fixed_time_tolerance:
        return Verdict.LATE
    if end >= leaving_at:
        return Verdict.COLLECTED
    if known_until is not None and known_until >= leaving_at:
        return Verdict.EARLY
    return Verdict.PLANNED if now <= stop.window_end + rules.grace else Verdict.UNKNOWN


def _stayed(visit: Visit) -> tuple[datetime, datetime]:
    """From when to when the truck stood there."""
    stretches = visit.stretches
    return (stretches[0].begin, max(stretch.end for stretch in stretches)) if stretches else (visit.begin, visit.end)


# --- medical-isolation stops: the crew collects, then disinfects bins and ground, and reports that from the cab ---------
# Served when both are done: what was collected and not disinfected in time is missed, its evidence shows the visit.


def disinfected_at(visit: Visit, reports: Iterable[Report], rules: JudgementRules) -> datetime | None:
    """When the crew first reported it, while it was there or soon after."""
    until = visit.end + rules.disinfection
    times = [report.at for report in reports if report.code == DISINFECTED and visit.begin <= report.at <= until]
    return min(times, default=None)


def not_disinfected(visit: Visit, known_until: datetime | None, now: datetime, rules: JudgementRules) -> Verdict:
    """Of a stop that was collected, and whose disinfection nobody has reported: waited for until the truck's data says that
    nobody did."""
    until = visit.end + rules.disinfection
    if known_until is not None and known_until >= until:
        return Verdict.MISSED
    return Verdict.PLANNED if now <= until + rules.grace else Verdict.UNKNOWN

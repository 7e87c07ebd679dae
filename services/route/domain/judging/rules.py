"""What a stop is judged by: tolerances (`data/judgement_rules.json`), and what a driver's report changes
(`data/exception_rules.json`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared.versions import Version

REST: Literal["rest"] = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRules(Version):
    """early / late: the window around the planned time; grace: how long after it a stop is still waited for.

    near_radius: a position this near belongs to a stop; same_place: stops this near each other cannot be told apart;
    same_occasion: their planned times this near are served by one visit; dwell: how long and how slow a truck stands
    to serve; visit_gap: a pause this short between two positions does not end a visit; match: how much earlier or
    later than planned a visit may still be meant for a stop; fixed_time_tolerance: how much of a fixed-time window a truck
    may miss at either end; disinfection: how soon after a medical-isolation stop its disinfection is reported; patience: how
    long after a stop's time is over data that is on its way is waited for, before the stop is called unknown.
    """

    early_minutes: float
    late_minutes: float
    grace_minutes: float
    near_radius_m: float
    dwell_seconds: float
    dwell_speed_kmh: float
    same_place_m: float
    same_occasion_minutes: float
    match_early_minutes: float
    match_hours: float
    visit_gap_seconds: float
    fixed_time_tolerance_minutes: float
    disinfection_minutes: float
    patience_minutes: float

    @property
    def early(self) -> timedelta:
        return timedelta(minutes=self.early_minutes)

    @property
    def late(self) -> timedelta:
        return timedelta(minutes=self.late_minutes)

    @property
    def fixed_time_tolerance(self) -> timedelta:
        return timedelta(minutes=self.fixed_time_tolerance_minutes)

    @property
    def disinfection(self) -> timedelta:
        return timedelta(minutes=self.disinfection_minutes)

    @property
    def patience(self) -> timedelta:
        return timedelta(minutes=self.patience_minutes)

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRule:
    """`reaches`: one `stop`, or the `rest` of the vehicle's day until it serves a stop again."""

    excuses: bool
    reaches: Literal["stop", "rest"]


UNHEARD_OF = CodeRule(excuses=False, reaches="stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRules(Version):
    """claim: how near in time and place the truck must have been for its driver's word to count; rest_before: how long
    before the first stop of a day what is said of its rest may have been said."""

    claim_minutes: float
    claim_radius_m: float
    rest_before_hours: float
    codes: Mapping[str, CodeRule]

    def of(self, code: str) -> CodeRule:
        return self.codes.get(code, UNHEARD_OF)

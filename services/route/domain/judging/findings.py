"""What judging finds of a stop: its verdict, and the evidence that goes with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.vocabulary import Verdict

SERVED = (Verdict.COLLECTED, Verdict.EARLY, Verdict.LATE)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a section that nobody covered: metres from the beginning of its line."""

    from_m: int
    to_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a dispatcher decided over the rules. Judging goes on beneath it."""

    verdict: Verdict
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`what` is lift, dwell, coverage or report; `report_ids` and `codes` are what the driver said of the stop.

    Lifts that name another service point are not listed; unnamed ones of a visit that serves several stops (`shared_with`)
    are listed at each, so kilograms must not be summed over stops; of a short section `shared_with` names the passes beside it.
    `coverage`: the share of a section's line that was worked
    on; `missing`: the longest stretches that were not.
    `vehicle_id`: who served it, where that is not the vehicle that has the stop. `ruling`: what a dispatcher decided, above
    the verdict `by_the_rules`.
    """

    what: str | None = None
    visit_from: datetime | None = None
    visit_to: datetime | None = None
    lift_ids: tuple[str, ...] = ()
    net_kg: int | None = None
    dwell_from: datetime | None = None
    dwell_to: datetime | None = None
    dwell_seconds: int | None = None
    nearest_m: float | None = None
    shared_with: tuple[str, ...] = ()
    report_ids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    excused_at: datetime | None = None
    disinfected_at: datetime | None = None
    coverage: float | None = None
    covered_m: int | None = None
    length_m: int | None = None
    missing: tuple[Gap, ...] = ()
    vehicle_id: str | None = None
    ruling: Ruling | None = None
    by_the_rules: Verdict | None = None

    def to_json(self) -> dict[str, Any]:
        """Without what is not known; times as RFC 3339."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: _jsonable(value) for name, value in named.items() if value not in (None, ())}


NOTHING_KNOWN = Evidence()


@dataclass(frozen=True, slots=True)
class Judgement:
    """`service_at`: None where nobody served it: a truck that left a fixed-time point too soon was there, but did not."""

    stop_id: str
    verdict: Verdict
    served_at: datetime | None = None
    evidence: Evidence | None = None

    @property
    def service_at(self) -> datetime | None:
        return self.served_at if self.verdict in SERVED else None


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Gap):
        return {"from_m": value.from_m, "to_m": value.to_m}
    if isinstance(value, Ruling):
        return {"verdict": value.verdict.value, "reason": value.reason, "by": value.by, "at": value.at.isoformat()}
    if isinstance(value, Verdict):
        return value.value
    return [_jsonable(item) for item in value] if isinstance(value, tuple) else value

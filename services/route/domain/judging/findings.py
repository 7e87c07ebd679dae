"""What judging finds: the verdicts there are, and the evidence that goes with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

PLANNED, COLLECTED, EARLY, LATE, MISSED, UNKNOWN = "planned", "collected", "early", "late", "missed", "unknown"
EXCEPTED = "excepted"
SERVED = (COLLECTED, EARLY, LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`what` is lift, dwell, coverage or report; `report_ids` and `codes` are what the driver said of the stop.

    Lifts that name another service point are not listed; unnamed ones of a visit that serves several stops (`shared_with`)
    are listed at each, so kilograms must not be summed over stops; of a short section `shared_with` names the passes beside it.
    `coverage`: the share of a section's line that was worked
    on; `missing`: the longest stretches that were not.
    """

    what: str
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
    missing: tuple[Mapping[str, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Without what is not known; times as RFC 3339."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: _jsonable(value) for name, value in named.items() if value not in (None, ())}


@dataclass(frozen=True, slots=True)
class Judgement:
    stop_id: str
    verdict: str
    served_at: datetime | None = None
    evidence: Evidence | None = None


class Silence(NamedTuple):
    """A time of which the truck has sent nothing, though its engine ran."""

    begin: datetime
    end: datetime


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value

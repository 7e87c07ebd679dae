"""What became of a stop that several trucks had one after the other: what any of them did there counts, whenever its data comes.

1. The truck that served it first served it, whoever has it now.
2. What nobody served is what the rules find for the truck that has it, but `missed` only when the data of those who had it
   before reaches to when they gave it away: until then one of them may have been there.

The judge looks at a stop with the facts of the truck that has it. For one that had it before, the stop is looked at with
that truck's facts, too, and what it did is kept with the hand-over (`served`). So it makes no difference whether the first
truck's data came before another took over or hours later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.route.domain.judging.findings import NOTHING_KNOWN, Judgement
from shared.vocabulary import Verdict

Heard = Mapping[str, datetime | None]
"""Until when the data of a vehicle reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A vehicle that had a stop until `at`; `served`: where it served it. `stop_vehicle_id` has the stop now."""

    stop_id: str
    vehicle_id: str
    contractor_id: str | None
    service_day: date
    planned_at: datetime
    at: datetime
    served: Judgement | None = None
    stop_vehicle_id: str | None = None

    def serving(self, judgement: Judgement) -> "Handover":
        """As what its vehicle did there now says."""
        return replace(self, served=judgement if judgement.service_at else None)

    def is_heard(self, heard: Heard) -> bool:
        """Whether the vehicle's data reaches to when it gave the stop away."""
        known_until = heard.get(self.vehicle_id)
        return known_until is not None and known_until >= self.at


def lent(handovers: Iterable[Handover], vehicle_id: str) -> dict[str, Handover]:
    """By stop, the hand-overs by which this vehicle gave stops away that it has no more."""
    return {one.stop_id: one for one in handovers if one.vehicle_id == vehicle_id != one.stop_vehicle_id}


def received(handovers: Iterable[Handover], vehicle_id: str) -> list[Handover]:
    """The hand-overs of stops that this vehicle has, and others had before."""
    return [one for one in handovers if one.stop_vehicle_id == vehicle_id != one.vehicle_id]


def combined(own: Judgement, former: Sequence[Handover], heard: Heard) -> Judgement:
    """`heard` must have been read before what the former did was looked at, or it may promise data that nobody has seen."""
    services = [(one.served.service_at, one.vehicle_id, one.served) for one in former if one.served and one.served.service_at]
    if services:
        first_at, vehicle_id, first = min(services, key=lambda service: service[:2])
        if own.service_at is not None and own.service_at <= first_at:
            return own
        return replace(first, evidence=replace(first.evidence or NOTHING_KNOWN, vehicle_id=vehicle_id))
    unheard = own.verdict is Verdict.MISSED and not all(one.is_heard(heard) for one in former)
    return replace(own, verdict=Verdict.UNKNOWN) if unheard else own


def all_combined(judgements: Iterable[Judgement], former: Iterable[Handover], heard: Heard) -> list[Judgement]:
    """What a vehicle's own stops come to, with what those who had them before did there."""
    of_stop: dict[str, list[Handover]] = {}
    for one in former:
        of_stop.setdefault(one.stop_id, []).append(one)
    return [combined(own, of_stop[own.stop_id], heard) if own.stop_id in of_stop else own for own in judgements]

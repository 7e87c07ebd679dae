"""A plant's weighbridge ticket, linked by its seal to the haul of a transfer station; voided, never deleted."""

from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from services.incinerator.domain.intake import hours_on_the_way
from shared.domain_errors import Conflict
from shared.vocabulary import HaulStatus, TicketStatus, WasteStream
from shared.weighbridge import Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What the transfer stations told of a sealed container on its way."""

    haul_id: str
    revision: int
    station_id: str
    seal_number: str
    stream: WasteStream
    net_kg: int
    destination_plant_id: str
    vehicle_id: str | None
    plate: str
    status: HaulStatus
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """`net_difference_kg`: the plant's net minus the station's. `recorded_by`: the token's id."""

    ticket_id: str
    revision: int = 0
    plant_id: str
    client_id: str
    seal_number: str | None
    haul_id: str | None = None
    vehicle_id: str | None
    plate: str
    stream: WasteStream
    status: TicketStatus = TicketStatus.OPEN
    weighing: Weighing
    net_difference_kg: int | None = None
    recorded_by: str
    changed_at: datetime

    # As answers, events and the table name them.
    gross_kg = property(attrgetter("weighing.gross_kg"))
    tare_kg = property(attrgetter("weighing.tare_kg"))
    net_kg = property(attrgetter("weighing.net_kg"))
    manual = property(attrgetter("weighing.manual"))
    reason = property(attrgetter("weighing.reason"))
    arrived_at = property(attrgetter("weighing.weighed_in_at"))
    left_at = property(attrgetter("weighing.weighed_out_at"))

    def require_same(self, other: "Intake") -> None:
        """Whatever became of it since, `other` is the same first weighing."""
        if self._first_figures() != other._first_figures():
            raise Conflict(
                f"ticket {self.client_id} is there already with other figures; void that one, or use another client_id"
            )

    def _first_figures(self) -> tuple[object, ...]:
        first = self.weighing
        return self.plate, self.seal_number, self.stream, first.gross_kg, first.manual, first.weighed_in_at

    def was_weighed_out(self, at: datetime, tare_kg: int) -> bool:
        return self.status is TicketStatus.CLOSED and self.weighing.was_weighed_out(at, tare_kg)

    def weigh_out(self, tare_kg: int, at: datetime) -> "Intake":
        """Closed, with its net weight."""
        if self.status is not TicketStatus.OPEN:
            raise Conflict(f"this ticket is {self.status} already")
        return replace(self, status=TicketStatus.CLOSED, weighing=self.weighing.weigh_out(tare_kg, at))

    def void(self, reason: str) -> "Intake":
        """Its figures stay and count for nothing; the same ticket when it is void already."""
        if self.status is TicketStatus.VOID:
            return self
        return replace(self, status=TicketStatus.VOID, weighing=replace(self.weighing, reason=reason))

    def link(self, haul: Haul | None) -> "Intake":
        """To the haul whose seal it names."""
        if haul is None:
            return replace(self, haul_id=None, net_difference_kg=None)
        net_kg = self.weighing.net_kg
        return replace(
            self,
            haul_id=haul.haul_id,
            vehicle_id=self.vehicle_id or haul.vehicle_id,
            net_difference_kg=None if net_kg is None else net_kg - haul.net_kg,
        )

    def change(self, at: datetime, recorded_by: str | None = None) -> "Intake":
        """The next revision; one that nobody asked for keeps who recorded the one before."""
        return replace(self, revision=self.revision + 1, changed_at=at, recorded_by=recorded_by or self.recorded_by)

    def hours_since_it_left(self, haul: Haul | None) -> float | None:
        return None if haul is None else hours_on_the_way(haul.left_at, self.weighing.weighed_in_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRevision:
    """The ticket as it stood after a change, as JSON."""

    revision: int
    ticket: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeFilters:
    """`start`, `end`: of the first weighing."""

    plant_id: str | None = None
    vehicle_id: str | None = None
    haul_id: str | None = None
    status: TicketStatus | None = None
    start: datetime | None = None
    end: datetime | None = None

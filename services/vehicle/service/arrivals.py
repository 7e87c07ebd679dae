"""What of a group of records is new: a record is known by its content, so different records of one moment are all kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from struct import pack, unpack
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.neighbours import in_time
from services.vehicle.domain.records import Position, content_of_lift, content_of_report
from services.vehicle.domain.vehicle_states import VehicleState
from services.vehicle.schemas.telemetry import BinLiftRecord, DriverReportRecord, LoadRecord, PositionRecord, Record, RecordAnswer
from services.vehicle.store import telemetry
from shared.ids import derived_id

Moment = tuple[str, datetime]
"""Vehicle and time."""
Content = tuple[float | None, ...]
"""What a position says besides when."""


def _at(pair: tuple[PositionRecord, int]) -> datetime:
    return pair[0].at


@dataclass(slots=True)
class Batch:
    """A request's records by their index in it; those that could not be read have their answer already."""

    vehicle_id: str
    records: dict[int, Record]
    rejected: list[RecordAnswer] = field(default_factory=list)


@dataclass(slots=True)
class Arrivals:
    """One vehicle's records of a group, each once, with its flags; `ordinals` of those positions whose is not 0."""

    positions: dict[PositionRecord, int] = field(default_factory=dict)
    lifts: dict[BinLiftRecord, int] = field(default_factory=dict)
    loads: dict[LoadRecord, int] = field(default_factory=dict)
    reports: dict[DriverReportRecord, int] = field(default_factory=dict)
    ordinals: dict[PositionRecord, int] = field(default_factory=dict)
    ids: dict[BinLiftRecord | DriverReportRecord, str] = field(default_factory=dict)
    any_flags: bool = False
    any_known: bool = False
    """Whether some of them were stored before."""

    def of_kind(self, record: Record) -> dict[Any, int]:
        """The records of the same kind."""
        if isinstance(record, PositionRecord):
            return self.positions
        if isinstance(record, LoadRecord):
            return self.loads
        return self.lifts if isinstance(record, BinLiftRecord) else self.reports

    def flag(self, kind: dict[Any, int], record: Record, bits: int) -> None:
        kind[record] = bits
        self.any_flags |= bits != 0

    def positions_in_time(self) -> list[tuple[PositionRecord, int]]:
        """With their flags."""
        if not self.ordinals:  # no two of one moment
            return sorted(self.positions.items(), key=_at)
        return sorted(self.positions.items(), key=lambda pair: in_time(pair[0]))

    def kinds(self) -> tuple[dict[Any, int], ...]:
        return self.positions, self.lifts, self.loads, self.reports


def gather(batches: Sequence[Batch]) -> tuple[dict[str, Arrivals], list[set[int]]]:
    """Every record once; for each batch the indexes that were the first with their content."""
    arrivals: dict[str, Arrivals] = {}
    firsts = []
    for batch in batches:
        arrival = arrivals.setdefault(batch.vehicle_id, Arrivals())
        first = set()
        for index, record in batch.records.items():
            kind = arrival.of_kind(record)
            known = len(kind)
            kind.setdefault(record, 0)  # once: a record's hash is the price of all that it says
            if len(kind) > known:
                first.add(index)
        firsts.append(first)
    return arrivals, firsts


async def drop_known(session: AsyncSession, arrivals: dict[str, Arrivals], states: Mapping[str, VehicleState]) -> None:
    """Leave only what is not stored yet, with the ordinals and ids it will be stored under."""
    await _drop_known_positions(session, arrivals, states)
    loads = await telemetry.loads_at(session, {(vehicle_id, r.at) for vehicle_id, a in arrivals.items() for r in a.loads})
    lifts = await telemetry.lifts_at(session, {(vehicle_id, r.at) for vehicle_id, a in arrivals.items() for r in a.lifts})
    reports = await telemetry.reports_at(session, {(vehicle_id, r.at) for vehicle_id, a in arrivals.items() for r in a.reports})
    known_loads = {(load.vehicle_id, load.at, load.load_kg, load.state) for load in loads}
    known_lifts = {(lift.vehicle_id, lift.at, content_of_lift(lift)) for lift in lifts}
    known_reports = {(report.vehicle_id, report.at, content_of_report(report)) for report in reports}
    taken = {report.report_id for report in reports}
    for vehicle_id, a in arrivals.items():
        others = len(a.loads) + len(a.lifts) + len(a.reports)
        a.loads = {r: 0 for r in a.loads if (vehicle_id, r.at, r.load_kg, r.state) not in known_loads}
        a.lifts = {r: 0 for r in a.lifts if (vehicle_id, r.at, content_of_lift(r)) not in known_lifts}
        a.reports = {r: 0 for r in a.reports if (vehicle_id, r.at, content_of_report(r)) not in known_reports}
        a.any_known |= len(a.loads) + len(a.lifts) + len(a.reports) < others
        for lift in a.lifts:
            a.ids[lift] = derived_id("lift", vehicle_id, lift.at.isoformat(), *content_of_lift(lift))
        for report in a.reports:
            a.ids[report] = _report_id(vehicle_id, report, taken)


async def _drop_known_positions(session: AsyncSession, arrivals: dict[str, Arrivals], states: Mapping[str, VehicleState]) -> None:
    suspects = {
        (vehicle_id, r.at)
        for vehicle_id, a in arrivals.items()
        for r in a.positions
        if not states[vehicle_id].is_older_than(r.at)
    }
    known: dict[Moment, set[Content]] = {}
    for position in await telemetry.positions_at(session, suspects):
        known.setdefault((position.vehicle_id, position.at), set()).add(_as_stored(position))
    for vehicle_id, a in arrivals.items():
        if suspects:
            again = [r for r in a.positions if _as_stored(r) in known.get((vehicle_id, r.at), ())]
            a.any_known |= bool(again)
            for record in again:
                del a.positions[record]
        a.ordinals = dict(_ordinals(vehicle_id, a.positions, known))


def _ordinals(
    vehicle_id: str, positions: Iterable[PositionRecord], known: Mapping[Moment, set[Content]]
) -> Iterator[tuple[PositionRecord, int]]:
    """Those that are not 0: other records of that moment came before."""
    taken = {at: len(contents) for (of, at), contents in known.items() if of == vehicle_id} if known else {}
    for record in positions:
        ordinal = taken.get(record.at, 0)
        taken[record.at] = ordinal + 1
        if ordinal:
            yield record, ordinal


def _as_stored(fix: PositionRecord | Position) -> Content:
    """What a record says, in the precision of its columns."""
    narrow = _narrow(fix.speed_kmh), _narrow(fix.heading_deg), _narrow(fix.altitude_m)
    return fix.lon, fix.lat, *narrow, fix.ignition, fix.odometer_km, fix.satellites


def _narrow(value: float | None) -> float | None:
    narrowed: float | None = None if value is None else unpack("f", pack("f", value))[0]
    return narrowed


# --- reports ----------------------------------------------------------------------------------------------------


def place_id(vehicle_id: str, at: datetime, code: str, stop_id: str | None, service_point_id: str | None) -> str:
    """The id of a report by what a photo may say of it, so that either may come first."""
    named = (stop_id or "", service_point_id or "") if stop_id or service_point_id else ()
    return derived_id(vehicle_id, at.isoformat(), code, *named)


def _report_id(vehicle_id: str, report: DriverReportRecord, taken: set[str]) -> str:
    """By its place; of several reports of one moment and place the others' by all that they say."""
    report_id = place_id(vehicle_id, report.at, report.code, report.stop_id, report.service_point_id)
    if report_id in taken:
        report_id = derived_id("report", vehicle_id, report.at.isoformat(), *content_of_report(report))
    taken.add(report_id)
    return report_id


def waiting_ids(vehicle_id: str, report: DriverReportRecord) -> set[str]:
    """Under which ids photos of this report may wait that named its place less exactly than it does."""
    stops, points = {report.stop_id, None}, {report.service_point_id, None}
    return {place_id(vehicle_id, report.at, report.code, stop, point) for stop in stops for point in points}

"""Which event changes what in the city's read model; plans before what happened to them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.service import cleanliness, complaints, projections, sites
from shared.consumers import Consumers
from shared.events.complaint import ComplaintChanged, ComplaintHeartbeat
from shared.events.evaluation import DeductionChanged, EvaluationHeartbeat, IndexPublished, InspectionFindingChanged
from shared.events.incinerator import ExceedanceChanged, IncineratorHeartbeat, IntakeChanged, LedgerChanged
from shared.events.route import RouteHeartbeat, RunPlanned, StopJudged, ViolationChanged
from shared.events.transfer_station import (
    HaulChanged,
    StationAlarmChanged,
    StationDayChanged,
    StorageChanged,
    TransferStationHeartbeat,
    WeighbridgeTicketChanged,
)
from shared.events.vehicle import AlertChanged, BinLifted, TelemetryRecorded, VehicleHeartbeat, VehicleRegistered


def make_consumers(zone: ZoneInfo) -> Consumers:
    """`zone` decides which service day a lift belongs to."""
    consumers = Consumers("gateway")
    consumers.on_many(VehicleRegistered)(projections.register_vehicles)
    consumers.on_many(RunPlanned)(projections.plan_runs)
    consumers.on_many(TelemetryRecorded)(projections.move_vehicles)

    @consumers.on_many(BinLifted)
    async def count_lifts(session: AsyncSession, events: Sequence[BinLifted]) -> None:
        await projections.count_lifts(session, events, zone)

    consumers.on_many(StopJudged, waits_for=RunPlanned)(projections.project_stop_verdicts)
    consumers.on_many(ViolationChanged)(projections.change_violations)
    consumers.on_many(AlertChanged)(projections.change_alerts)
    consumers.on_many(WeighbridgeTicketChanged)(sites.save_tickets)
    consumers.on_many(HaulChanged)(sites.save_hauls)
    consumers.on_many(StationAlarmChanged)(sites.save_facts)
    consumers.on_many(StorageChanged)(sites.save_facts)
    consumers.on_many(StationDayChanged)(sites.save_station_days)
    consumers.on_many(VehicleHeartbeat)(projections.note_heartbeats)
    consumers.on_many(RouteHeartbeat)(projections.note_heartbeats)
    consumers.on_many(TransferStationHeartbeat)(projections.note_heartbeats)
    consumers.on_many(ExceedanceChanged)(sites.save_facts)
    consumers.on_many(IntakeChanged)(sites.save_tickets)
    consumers.on_many(LedgerChanged)(sites.save_plant_days)
    consumers.on_many(IncineratorHeartbeat)(projections.note_heartbeats)
    consumers.on_many(ComplaintChanged)(complaints.change_complaints)
    consumers.on_many(ComplaintHeartbeat)(projections.note_heartbeats)
    consumers.on_many(IndexPublished)(cleanliness.save_index)
    consumers.on_many(InspectionFindingChanged)(cleanliness.save_findings)
    consumers.on_many(DeductionChanged)(cleanliness.save_deductions)
    consumers.on_many(EvaluationHeartbeat)(projections.note_heartbeats)
    return consumers

"""What other services tell: what it means for the index, and for a contractor."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.contracts import Evidence, Fact, TruckEntry
from services.evaluation.domain.index import COMPLAINTS, NOT_MISSED, PUNCTUALITY
from services.evaluation.domain.observations import FULL, NONE, Posted
from services.evaluation.service import deductions, observations, periods, record_cards
from services.evaluation.service.record_cards import counts
from services.evaluation.store import contracts as store
from shared.clock import service_day
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged, ViolationChanged
from shared.events.transfer_station import StationAlarmChanged
from shared.events.vehicle import VehicleRegistered
from shared.vocabulary import AlertStatus, StationAlarmKind, Verdict, ViolationStatus

STOP_VALUES = {
    Verdict.COLLECTED: {PUNCTUALITY: FULL, NOT_MISSED: FULL},
    Verdict.EARLY: {PUNCTUALITY: NONE, NOT_MISSED: FULL},
    Verdict.LATE: {PUNCTUALITY: NONE, NOT_MISSED: FULL},
    Verdict.MISSED: {PUNCTUALITY: NONE, NOT_MISSED: NONE},
}
"""Of other verdicts nobody knows, or the crew is not to blame: they count for nothing."""


async def add_trucks(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    """Facts of trucks that were not known yet find their contractor now."""
    entries = [
        TruckEntry(
            vehicle_id=event.vehicle_id,
            revision=event.revision,
            registered_at=event.registered_at,
            contractor_id=event.contractor_id,
            district_id=event.district_id,
        )
        for event in events
    ]
    await store.add_trucks(session, entries)
    await deductions.derive(session, await store.facts_of_trucks(session, {event.vehicle_id for event in events}))


# --- stops ------------------------------------------------------------------------------------------------------


async def take_stop_verdicts(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    by_key = {f"stop:{event.stop_id}": event for event in sorted(events, key=lambda event: event.revision)}
    fresh = await deductions.take_facts(session, [_missed(key, event) for key, event in by_key.items()])
    await observations.post(session, {fact.fact: _stop(by_key[fact.fact], fact.at) for fact in fresh})
    await record_cards.save_stops(session, [by_key[fact.fact] for fact in fresh])


def _missed(key: str, event: StopJudged) -> Fact:
    return Fact(
        fact=key,
        revision=event.revision,
        kind="stop_missed",
        applies=event.verdict is Verdict.MISSED,
        at=event.served_at or event.judged_at,
        day=event.service_day,
        contractor_id=event.contractor_id,
        area_id=event.district_id,
        evidence=(Evidence(kind="stop", id=event.stop_id, href=f"/v1/stops/{event.stop_id}"),),
    )


def _stop(event: StopJudged, at: datetime) -> Posted | None:
    values = STOP_VALUES.get(event.verdict)
    if values is None or event.district_id is None:
        return None
    return Posted(
        period=event.service_day.replace(day=1),
        area_id=event.district_id,
        at=at,
        values=values,
        href=f"/v1/stops/{event.stop_id}",
        detail={"verdict": event.verdict.value},
    )


# --- complaints -------------------------------------------------------------------------------------------------


async def take_complaints(session: AsyncSession, events: Sequence[ComplaintChanged], zone: ZoneInfo) -> None:
    by_key = {f"complaint:{event.complaint_id}": event for event in sorted(events, key=lambda event: event.revision)}
    fresh = await deductions.take_facts(session, [_overdue(key, event, zone) for key, event in by_key.items()])
    await observations.post(session, {fact.fact: _complaint(by_key[fact.fact], zone) for fact in fresh})
    await record_cards.save_complaints(session, [(by_key[fact.fact], fact.applies) for fact in fresh])


def _overdue(key: str, event: ComplaintChanged, zone: ZoneInfo) -> Fact:
    return Fact(
        fact=key,
        revision=event.revision,
        kind="complaint_overdue",
        applies=counts(event) and (event.level > 0 or event.resolved_in_time is False),
        at=event.requested_at,
        day=service_day(event.requested_at, zone),
        contractor_id=event.contractor_id,
        area_id=event.district_id,
        evidence=(Evidence(kind="complaint", id=event.complaint_id, href=f"/v1/complaints/{event.complaint_id}"),),
    )


def _complaint(event: ComplaintChanged, zone: ZoneInfo) -> Posted | None:
    if not counts(event) or event.district_id is None:
        return None
    return Posted(
        period=periods.month_of(event.requested_at, zone),
        area_id=event.district_id,
        at=event.requested_at,
        values={COMPLAINTS: NONE},
        href=f"/v1/complaints/{event.complaint_id}",
        detail={"category": event.category},
    )


# --- violations and alarms --------------------------------------------------------------------------------------


async def take_violations(session: AsyncSession, events: Sequence[ViolationChanged]) -> None:
    await deductions.take_facts(session, [_violation(event) for event in events])


def _violation(event: ViolationChanged) -> Fact:
    return Fact(
        fact=f"violation:{event.violation_id}",
        revision=event.revision,
        kind=event.kind.value,
        applies=event.status is ViolationStatus.OPEN,
        at=event.at,
        day=event.service_day,
        contractor_id=event.contractor_id,
        vehicle_id=event.vehicle_id,
        area_id=event.district_id,
        evidence=(Evidence(kind="violation", id=event.violation_id, href=f"/v1/violations/{event.violation_id}"),),
    )


async def take_alarms(session: AsyncSession, events: Sequence[StationAlarmChanged], zone: ZoneInfo) -> None:
    alarms = [event for event in events if event.kind is StationAlarmKind.WRONG_BAY]
    await deductions.take_facts(session, [_alarm(event, zone) for event in alarms])


def _alarm(event: StationAlarmChanged, zone: ZoneInfo) -> Fact:
    evidence = [Evidence(kind="alarm", id=event.alarm_id, href=f"/v1/station-alarms/{event.alarm_id}")]
    if event.ticket_id is not None:
        evidence.append(Evidence(kind="ticket", id=event.ticket_id, href=f"/v1/tickets/{event.ticket_id}"))
    return Fact(
        fact=f"alarm:{event.alarm_id}",
        revision=event.revision,
        kind=event.kind.value,
        applies=event.status is not AlertStatus.WITHDRAWN,
        at=event.opened_at,
        day=service_day(event.opened_at, zone),
        vehicle_id=event.vehicle_id,
        evidence=tuple(evidence),
    )

"""What other services tell: what it means for the index, and for a contractor."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import COMPLAINTS, NOT_MISSED, PUNCTUALITY
from services.evaluation.service import deductions, observations, periods, record_cards
from services.evaluation.service.observations import FULL, NONE, Posted
from services.evaluation.service.record_cards import counts
from services.evaluation.store import contracts as store
from shared.clock import service_day
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged, ViolationChanged
from shared.events.transfer_station import StationAlarmChanged
from shared.events.vehicle import VehicleRegistered
from shared.vocabulary import AlertStatus, StationAlarmKind, Verdict, ViolationStatus

Row = dict[str, Any]
STOP_VALUES = {
    Verdict.COLLECTED: {PUNCTUALITY: FULL, NOT_MISSED: FULL},
    Verdict.EARLY: {PUNCTUALITY: NONE, NOT_MISSED: FULL},
    Verdict.LATE: {PUNCTUALITY: NONE, NOT_MISSED: FULL},
    Verdict.MISSED: {PUNCTUALITY: NONE, NOT_MISSED: NONE},
}
"""Of other verdicts nobody knows, or the crew is not to blame: they count for nothing."""


async def keep_trucks(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    """Facts of trucks that were not known yet find their contractor now."""
    await store.add_trucks(
        session,
        [
            {name: getattr(event, name) for name in ("vehicle_id", "revision", "registered_at", "contractor_id", "district_id")}
            for event in events
        ],
    )
    await deductions.derive(session, await store.facts_of_trucks(session, {event.vehicle_id for event in events}))


async def judge_stops(session: AsyncSession, events: Sequence[StopJudged], zone: ZoneInfo) -> None:
    by_key = {f"stop:{event.stop_id}": event for event in sorted(events, key=lambda event: event.revision)}
    rows = [
        _fact(key, event.revision, "stop_missed", event.served_at or event.judged_at, zone)
        | {
            "applies": event.verdict is Verdict.MISSED,
            "day": event.service_day,
            "contractor_id": event.contractor_id,
            "area_id": event.district_id,
            "evidence": [{"kind": "stop", "id": event.stop_id, "href": f"/v1/stops/{event.stop_id}"}],
        }
        for key, event in by_key.items()
    ]
    fresh = await deductions.keep(session, rows)
    await observations.post(session, {row["fact"]: _stop(by_key[row["fact"]], row["at"]) for row in fresh})
    await record_cards.keep_stops(session, [by_key[row["fact"]] for row in fresh])


def _stop(event: StopJudged, at: Any) -> Posted | None:
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


async def keep_complaints(session: AsyncSession, events: Sequence[ComplaintChanged], zone: ZoneInfo) -> None:
    by_key = {f"complaint:{event.complaint_id}": event for event in sorted(events, key=lambda event: event.revision)}
    rows = [
        _fact(key, event.revision, "complaint_overdue", event.requested_at, zone)
        | {
            "applies": counts(event) and (event.level > 0 or event.resolved_in_time is False),
            "contractor_id": event.contractor_id,
            "area_id": event.district_id,
            "evidence": [{"kind": "complaint", "id": event.complaint_id, "href": f"/v1/complaints/{event.complaint_id}"}],
        }
        for key, event in by_key.items()
    ]
    fresh = await deductions.keep(session, rows)
    await observations.post(session, {row["fact"]: _complaint(by_key[row["fact"]], zone) for row in fresh})
    await record_cards.keep_complaints(session, [(by_key[row["fact"]], row["applies"]) for row in fresh])


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


async def keep_violations(session: AsyncSession, events: Sequence[ViolationChanged], zone: ZoneInfo) -> None:
    await deductions.keep(
        session,
        [
            _fact(f"violation:{event.violation_id}", event.revision, event.kind.value, event.at, zone)
            | {
                "applies": event.status is ViolationStatus.OPEN,
                "day": event.service_day,
                "contractor_id": event.contractor_id,
                "vehicle_id": event.vehicle_id,
                "area_id": event.district_id,
                "evidence": [{"kind": "violation", "id": event.violation_id, "href": f"/v1/violations/{event.violation_id}"}],
            }
            for event in events
        ],
    )


async def keep_alarms(session: AsyncSession, events: Sequence[StationAlarmChanged], zone: ZoneInfo) -> None:
    await deductions.keep(
        session,
        [
            _fact(f"alarm:{event.alarm_id}", event.revision, event.kind.value, event.opened_at, zone)
            | {
                "applies": event.status is not AlertStatus.WITHDRAWN,
                "vehicle_id": event.vehicle_id,
                "evidence": [
                    {"kind": "alarm", "id": event.alarm_id, "href": f"/v1/station-alarms/{event.alarm_id}"},
                    {"kind": "ticket", "id": event.ticket_id, "href": f"/v1/tickets/{event.ticket_id}"},
                ],
            }
            for event in events
            if event.kind is StationAlarmKind.WRONG_BAY
        ],
    )


def _fact(key: str, revision: int, kind: str, at: Any, zone: ZoneInfo) -> Row:
    return {
        "fact": key,
        "revision": revision,
        "kind": kind,
        "at": at,
        "day": service_day(at, zone),
        "vehicle_id": None,
        "contractor_id": None,
        "area_id": None,
    }

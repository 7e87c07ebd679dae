"""Record cards ("electronic medical records"): everything known of a place on one page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain.cards import CardComplaint, CardStop
from services.evaluation.domain.checklists import FAIL, PASS, Checklists
from services.evaluation.domain.inspections import Inspection, Place
from services.evaluation.schemas import inspections as schemas
from services.evaluation.schemas.inspections import (
    CardMissed,
    CardSorting,
    CardStream,
    CardTrend,
    FindingAnswer,
    InspectionAnswer,
    PlaceAnswer,
    RecordCard,
)
from services.evaluation.service import periods
from services.evaluation.store import cards as store
from services.evaluation.store import findings as finding_store
from services.evaluation.store import inspections as inspection_store
from shared.assessment import RectificationStatus
from shared.auth import Principal
from shared.clock import city_day, now, service_day
from shared.errors import NotFound
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged
from shared.geo import haversine_m
from shared.vocabulary import ComplaintStatus

MOST = 100
"""Of inspections, missed stops and complaints shown."""
NO_COMPLAINT = (ComplaintStatus.REJECTED, ComplaintStatus.VOID)


def counts(event: ComplaintChanged) -> bool:
    """A case that was joined to another counts with that one."""
    return event.main_id is None and event.status not in NO_COMPLAINT


async def save_stops(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """Each the newest that was told of its stop."""
    stops = [
        CardStop(
            stop_id=event.stop_id,
            service_point_id=event.service_point_id,
            service_day=event.service_day,
            stream=event.stream.value,
            verdict=event.verdict,
            net_kg=event.evidence.get("net_kg") or 0,
            shared=bool(event.evidence.get("shared_with")),
        )
        for event in events
        if event.service_point_id and event.stream
    ]
    await store.save_stops(session, stops)


async def save_complaints(session: AsyncSession, events: Sequence[tuple[ComplaintChanged, bool]]) -> None:
    """Each the newest that was told of its case, and whether it is overdue; what counts no more leaves the card."""
    await store.drop_complaints(session, [event.complaint_id for event, _ in events if not counts(event)])
    complaints = [
        CardComplaint(
            complaint_id=event.complaint_id,
            revision=event.revision,
            category=event.category,
            status=event.status,
            open=event.open,
            overdue=overdue,
            requested_at=event.requested_at,
            lon=event.lon,
            lat=event.lat,
        )
        for event, overdue in events
        if counts(event) and event.lon is not None and event.lat is not None
    ]
    await store.save_complaints(session, complaints)


async def card(session: AsyncSession, principal: Principal, place_id: str, zone: ZoneInfo) -> RecordCard:
    """Green, yellow or red by the last score; bands, limits and how far it goes back are in the checklists' data."""
    place = (await inspection_store.places(session, [place_id])).get(place_id)
    if place is None or not principal.sees(district_id=place.area_id):
        raise NotFound("no such place")
    version = rulebooks.CHECKLISTS.on(city_day(now()))
    first = _first_month(version, zone)
    inspections = await inspection_store.of_place(session, place_id, MOST)
    findings = await finding_store.findings_at(session, place_id)
    stops = await store.stops(session, place.service_point_ids, first)
    last = inspections[0].score_e4 if inspections else None
    return RecordCard.model_validate(
        {
            "place": PlaceAnswer.describing(place),
            "colour": version.colour(last),
            "band": None if last is None else version.band(last),
            "trend": _trend(inspections, version, zone),
            "sorting": _sorting(inspections, version.record_card.sorting_item),
            "streams": _streams(stops),
            "missed": [_missed(stop) for stop in stops if stop.is_missed][:MOST],
            "complaints": await _complaints(session, place, version.record_card.near_m, first),
            "scores": [InspectionAnswer.model_validate(inspection) for inspection in inspections],
            "findings": [FindingAnswer.model_validate(finding) for finding in findings],
            "findings_open": sum(finding.is_waiting for finding in findings),
            "findings_mended": sum(finding.status == RectificationStatus.PASSED for finding in findings),
        }
    )


def _first_month(version: Checklists, zone: ZoneInfo) -> date:
    first = service_day(now(), zone).replace(day=1)
    for _ in range(version.record_card.months - 1):
        first = periods.before(first)
    return first


def _trend(inspections: Sequence[Inspection], version: Checklists, zone: ZoneInfo) -> list[CardTrend]:
    by_month: dict[date, list[int]] = defaultdict(list)
    for inspection in inspections:
        by_month[periods.month_of(inspection.at, zone)].append(inspection.score_e4)
    return [
        CardTrend.model_validate(
            {
                "month": periods.written(month),
                "inspections": len(scores),
                "mean_e4": sum(scores) // len(scores),
                "colour": version.colour(min(scores)),
            }
        )
        for month, scores in sorted(by_month.items(), reverse=True)
    ]


def _sorting(inspections: Sequence[Inspection], item: str) -> CardSorting:
    answers = [answer for inspection in inspections if (answer := inspection.answers.get(item)) in {PASS, FAIL}]
    return CardSorting.model_validate(
        {"passed": answers.count(PASS), "asked": len(answers), "last": answers[0] if answers else None}
    )


def _streams(stops: Sequence[CardStop]) -> list[CardStream]:
    by_key: dict[tuple[date, str], list[CardStop]] = defaultdict(list)
    for stop in stops:
        by_key[stop.service_day.replace(day=1), stop.stream].append(stop)
    return [
        CardStream(
            month=periods.written(month),
            stream=stream,
            stops=len(of_month),
            collected=sum(stop.is_served for stop in of_month),
            missed=sum(stop.is_missed for stop in of_month),
            net_kg=sum(stop.net_kg for stop in of_month),
            shared_kg=sum(stop.net_kg for stop in of_month if stop.shared),
        )
        for (month, stream), of_month in sorted(by_key.items(), key=lambda one: (-one[0][0].toordinal(), one[0][1]))
    ]


def _missed(stop: CardStop) -> CardMissed:
    return CardMissed.describing(stop, href=f"/v1/stops/{stop.stop_id}")


async def _complaints(session: AsyncSession, place: Place, near_m: int, first: date) -> list[schemas.CardComplaint]:
    """Near the place as its position is told to the public; the address itself stays with the complaint service."""
    around = await store.complaints(session, place.lon, place.lat, near_m, first)
    near = [complaint for complaint in around if haversine_m(place.lon, place.lat, complaint.lon, complaint.lat) <= near_m]
    return [
        schemas.CardComplaint.describing(complaint, href=f"/v1/complaints/{complaint.complaint_id}") for complaint in near[:MOST]
    ]

"""Record cards ("electronic medical records"): everything known of a place on one page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain.checklists import Checklists, colour
from services.evaluation.domain.index import UNIT
from services.evaluation.schemas.inspections import (
    CardComplaint,
    CardMissed,
    CardSorting,
    CardStream,
    CardTrend,
    FindingAnswer,
    InspectionAnswer,
    RecordCard,
)
from services.evaluation.service import periods, plans
from services.evaluation.store import cards as store
from services.evaluation.store import inspections as inspection_store
from shared.assessment import RectificationStatus
from shared.auth import Principal
from shared.clock import city_day, now, service_day
from shared.errors import NotFound
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged
from shared.geo import haversine_m
from shared.vocabulary import ComplaintStatus, Verdict

Row = dict[str, Any]
MOST = 100
"""Of inspections, missed stops and complaints shown."""
SERVED = (Verdict.COLLECTED, Verdict.EARLY, Verdict.LATE)
NO_COMPLAINT = (ComplaintStatus.REJECTED, ComplaintStatus.VOID)


def counts(event: ComplaintChanged) -> bool:
    """A case that was joined to another counts with that one."""
    return event.main_id is None and event.status not in NO_COMPLAINT


async def keep_stops(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """Each the newest that was told of its stop."""
    await store.put_stops(
        session,
        [
            {
                "stop_id": event.stop_id,
                "service_point_id": event.service_point_id,
                "service_day": event.service_day,
                "stream": event.stream.value,
                "verdict": event.verdict.value,
                "net_kg": event.evidence.get("net_kg") or 0,
                "shared": bool(event.evidence.get("shared_with")),
            }
            for event in events
            if event.service_point_id and event.stream
        ],
    )


async def keep_complaints(session: AsyncSession, told: Sequence[tuple[ComplaintChanged, bool]]) -> None:
    """Each the newest that was told of its case, and whether it is overdue; what counts no more leaves the card."""
    await store.drop_complaints(session, [event.complaint_id for event, _ in told if not counts(event)])
    await store.put_complaints(
        session,
        [
            {
                "complaint_id": event.complaint_id,
                "revision": event.revision,
                "category": event.category,
                "status": event.status.value,
                "open": event.open,
                "overdue": overdue,
                "requested_at": event.requested_at,
                "lon": event.lon,
                "lat": event.lat,
            }
            for event, overdue in told
            if counts(event) and event.lon is not None and event.lat is not None
        ],
    )


async def card(session: AsyncSession, principal: Principal, place_id: str, zone: ZoneInfo) -> RecordCard:
    """Green, yellow or red by the last score; bands, limits and how far it goes back are in the checklists' data."""
    place = (await inspection_store.places(session, [place_id])).get(place_id)
    if place is None or not principal.sees(district_id=place["area_id"]):
        raise NotFound("no such place")
    version = reference.checklists(city_day(now()))
    first = service_day(now(), zone).replace(day=1)
    for _ in range(version.record_card["months"] - 1):
        first = periods.before(first)
    scores = await inspection_store.of_place(session, place_id, MOST)
    findings = await inspection_store.findings_at(session, place_id)
    stops = await store.stops(session, place["service_point_ids"], first)
    last = scores[0]["score_e4"] if scores else None
    waiting = sum(row["status"] in {RectificationStatus.OPEN, RectificationStatus.MENDED} for row in findings)
    return RecordCard.model_validate(
        {
            "place": plans.answer(place),
            "colour": colour(last, version.cards),
            "band": None if last is None else next(name for name, lowest in version.bands if last >= int(lowest) * UNIT),
            "trend": _trend(scores, version, zone),
            "sorting": _sorting(scores, version.record_card["sorting_item"]),
            "streams": _streams(stops),
            "missed": [_missed(row) for row in stops if row["verdict"] == Verdict.MISSED][:MOST],
            "complaints": await _complaints(session, place, version.record_card["near_m"], first),
            "scores": [InspectionAnswer.model_validate(row) for row in scores],
            "findings": [FindingAnswer.model_validate(row) for row in findings],
            "findings_open": waiting,
            "findings_mended": sum(row["status"] == RectificationStatus.PASSED for row in findings),
        }
    )


def _trend(scores: Sequence[Row], version: Checklists, zone: ZoneInfo) -> list[CardTrend]:
    by_month: dict[date, list[int]] = defaultdict(list)
    for row in scores:
        by_month[periods.month_of(row["at"], zone)].append(row["score_e4"])
    return [
        CardTrend.model_validate(
            {
                "month": periods.written(month),
                "inspections": len(held),
                "mean_e4": sum(held) // len(held),
                "colour": colour(min(held), version.cards),
            }
        )
        for month, held in sorted(by_month.items(), reverse=True)
    ]


def _sorting(scores: Sequence[Row], item: str) -> CardSorting:
    answers = [row["answers"][item] for row in scores if row["answers"].get(item) in {"pass", "fail"}]
    return CardSorting(passed=answers.count("pass"), asked=len(answers), last=answers[0] if answers else None)


def _streams(stops: Sequence[Row]) -> list[CardStream]:
    by_key: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in stops:
        by_key[row["service_day"].replace(day=1), row["stream"]].append(row)
    return [
        CardStream(
            month=periods.written(month),
            stream=stream,
            stops=len(held),
            collected=sum(row["verdict"] in SERVED for row in held),
            missed=sum(row["verdict"] == Verdict.MISSED for row in held),
            net_kg=sum(row["net_kg"] for row in held),
            shared_kg=sum(row["net_kg"] for row in held if row["shared"]),
        )
        for (month, stream), held in sorted(by_key.items(), key=lambda one: (-one[0][0].toordinal(), one[0][1]))
    ]


def _missed(row: Row) -> CardMissed:
    return CardMissed(
        stop_id=row["stop_id"], service_day=row["service_day"], stream=row["stream"], href=f"/v1/stops/{row['stop_id']}"
    )


async def _complaints(session: AsyncSession, place: Row, near_m: int, first: date) -> list[CardComplaint]:
    """Near the place as its position is told to the public; the address itself stays with the complaint service."""
    around = await store.complaints(session, place["lon"], place["lat"], near_m, first)
    near = [row for row in around if haversine_m(place["lon"], place["lat"], row["lon"], row["lat"]) <= near_m]
    return [CardComplaint.model_validate(row | {"href": f"/v1/complaints/{row['complaint_id']}"}) for row in near[:MOST]]

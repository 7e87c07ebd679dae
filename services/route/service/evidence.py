"""Did the city serve this place? What the complaint service asks, and what a handler shows a citizen."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.coverage.lines import box_around, metres_from
from services.route.domain.evidence import EvidenceFilters, EvidenceRules, Outcome, outcome_of, passings
from services.route.domain.sentences import sentence
from services.route.schemas.evidence import EvidenceAnswer, EvidenceLift, EvidenceStop, PassingAnswer
from services.route.schemas.stops import VerdictAnswer
from services.route.store import evidence as store
from services.route.store import sections
from shared.auth import Principal
from shared.clock import service_day
from shared.errors import BadRequest
from shared.geo import flat_m
from shared.labels import LABELS


async def service_evidence(
    session: AsyncSession, principal: Principal, filters: EvidenceFilters, zone: ZoneInfo
) -> EvidenceAnswer:
    start, end = filters.start, filters.end
    rules = rulebooks.EVIDENCE_RULES.on(service_day(start, zone))
    if end < start:
        raise BadRequest("`to` lies before `from`")
    if end - start > timedelta(days=rules.most_days):
        raise BadRequest(f"ask for at most {rules.most_days} days at once")
    metres = await _points_near(session, principal, filters, rules)
    stops = await store.stops_at(session, list(metres), filters)
    ids = [stop.stop_id for stop in stops]
    histories, lifts, seen = await store.histories(session, ids), await store.lifts(session, ids), await store.seen(session, ids)
    answers, outcomes = [], []
    for stop in stops:
        history = histories.get(stop.stop_id, [])
        outcome = Outcome.of(stop, history)
        outcomes.append(outcome)
        answers.append(
            EvidenceStop.describing(
                stop,
                distance_m=round(metres[stop.service_point_id], 1),
                data=outcome.data,
                history=[VerdictAnswer.model_validate(entry) for entry in history],
                lifts=[EvidenceLift.model_validate(lift) for lift in lifts.get(stop.stop_id, [])],
                passes=[PassingAnswer.model_validate(passing) for passing in passings(seen.get(stop.stop_id, []), rules)],
            )
        )
    words = sentence(outcomes, start, end, rules.radius_m, zone, LABELS)
    answers.sort(key=lambda stop: (stop.distance_m, stop.planned_at, stop.stop_id))
    return EvidenceAnswer.describing(
        filters,
        radius_m=rules.radius_m,
        outcome=outcome_of(outcomes),
        sentence_zh=words.zh,
        sentence_en=words.en,
        stops=answers,
    )


async def _points_near(
    session: AsyncSession, principal: Principal, filters: EvidenceFilters, rules: EvidenceRules
) -> dict[str, float]:
    """The nearest service points and road sections within the radius and the metres to each."""
    lon, lat = filters.lon, filters.lat
    box = box_around(lon, lat, rules.radius_m)
    points = await store.points_in_box(session, principal, box)
    beside = await sections.in_box(session, principal, box)
    metres = [(flat_m(lon, lat, point.lon, point.lat), point.service_point_id) for point in points]
    metres += [(metres_from(section.line, lon, lat), section.section_id) for section in beside]
    metres.sort()
    return {point_id: away for away, point_id in metres[: rules.most_points] if away <= rules.radius_m}

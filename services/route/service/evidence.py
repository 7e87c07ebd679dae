"""Did the city serve this place? What the complaint service asks, and what a handler shows a citizen."""

from datetime import datetime, timedelta
from math import cos, radians
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain import evidence as rules
from services.route.domain.coverage.lines import metres_from
from services.route.domain.evidence import EvidenceRules, Outcome
from services.route.domain.sentences import sentence
from services.route.schemas.evidence import EvidenceAnswer, EvidenceLift, EvidenceStop, PassingAnswer
from services.route.schemas.stops import VerdictAnswer
from services.route.store import evidence as store
from services.route.store import sections
from shared.auth import Principal
from shared.clock import service_day
from shared.errors import BadRequest
from shared.geo import METRES_PER_DEGREE, flat_m
from shared.labels import LABELS
from shared.versions import in_force


async def service_evidence(
    session: AsyncSession,
    principal: Principal,
    lon: float,
    lat: float,
    start: datetime,
    end: datetime,
    stream: str | None,
    zone: ZoneInfo,
    task: str | None = None,
) -> EvidenceAnswer:
    limits = in_force(reference.evidence_rules(), service_day(start, zone))
    if end < start:
        raise BadRequest("`to` lies before `from`")
    if end - start > timedelta(days=limits.most_days):
        raise BadRequest(f"ask for at most {limits.most_days} days at once")
    metres = await _points_near(session, principal, lon, lat, limits)
    only = {column: value for column, value in (("stream", stream), ("task", task)) if value is not None}
    stops = await store.stops_at(session, list(metres), start, end, only)
    ids = [stop["stop_id"] for stop in stops]
    histories, lifts, seen = await store.histories(session, ids), await store.lifts(session, ids), await store.seen(session, ids)
    found = [
        _stop(
            stop,
            metres[stop["service_point_id"]],
            histories.get(stop_id, []),
            lifts.get(stop_id, []),
            rules.passings(seen.get(stop_id, []), limits),
        )
        for stop_id, stop in zip(ids, stops, strict=True)
    ]
    outcomes = [_outcome(stop, histories.get(stop["stop_id"], [])) for stop in stops]
    said = sentence(outcomes, start, end, limits.radius_m, zone, LABELS)
    found.sort(key=lambda stop: (stop.distance_m, stop.planned_at, stop.stop_id))
    return EvidenceAnswer(
        lon=lon,
        lat=lat,
        start=start,
        end=end,
        stream=stream,
        task=task,
        radius_m=limits.radius_m,
        outcome=rules.outcome_of(outcomes),
        sentence_zh=said.zh,
        sentence_en=said.en,
        stops=found,
    )


async def _points_near(
    session: AsyncSession, principal: Principal, lon: float, lat: float, limits: EvidenceRules
) -> dict[str, float]:
    """The nearest service points and road sections within the radius and the metres to each."""
    up = limits.radius_m / METRES_PER_DEGREE
    across = up / max(cos(radians(lat)), 0.01)
    points = await store.points_in_box(session, principal, lon - across, lat - up, lon + across, lat + up)
    beside = await sections.in_box(session, principal, lon - across, lat - up, lon + across, lat + up)
    metres = [(flat_m(lon, lat, point["lon"], point["lat"]), point["service_point_id"]) for point in points]
    metres += [(metres_from(section["line"], lon, lat), section["section_id"]) for section in beside]
    metres.sort()
    return {point_id: away for away, point_id in metres[: limits.most_points] if away <= limits.radius_m}


def _stop(
    stop: dict[str, Any], metres: float, history: list[dict[str, Any]], lifts: list[dict[str, Any]], passes: list[rules.Passing]
) -> EvidenceStop:
    return EvidenceStop.model_validate(
        stop
        | {
            "distance_m": round(metres, 1),
            "evidence": stop["evidence"] or {},
            "data": _data(stop, history),
            "history": [VerdictAnswer.model_validate(entry | {"evidence": entry["evidence"] or {}}) for entry in history],
            "lifts": [EvidenceLift.model_validate(lift) for lift in lifts],
            "passes": [PassingAnswer(**passing._asdict()) for passing in passes],
        }
    )


def _data(stop: dict[str, Any], history: list[dict[str, Any]]) -> str:
    """`missing`: the truck has not been heard of since; `late`: it was, after we had decided without it."""
    if stop["verdict"] == "unknown":
        return "missing"
    return "late" if _corrected(history) else "complete"


def _corrected(history: list[dict[str, Any]]) -> bool:
    return any(entry["reason"] == "late data" for entry in history)


def _outcome(stop: dict[str, Any], history: list[dict[str, Any]]) -> Outcome:
    evidence = stop["evidence"] or {}
    return Outcome(
        verdict=stop["verdict"],
        served_at=stop["served_at"],
        vehicle_id=evidence.get("vehicle_id", stop["vehicle_id"]),
        net_kg=evidence.get("net_kg"),
        codes=tuple(evidence.get("codes", ())),
        task=stop["task"],
        corrected=_corrected(history),
    )

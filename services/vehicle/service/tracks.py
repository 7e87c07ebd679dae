"""Reading what a vehicle did: track, trips, alerts."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.alerts import AlertFilters
from services.vehicle.domain.neighbours import in_time
from services.vehicle.domain.records import Position
from services.vehicle.domain.trips import legs, total
from services.vehicle.rulebooks import TRIP_RULES
from services.vehicle.schemas.alerts import AlertAnswer, AlertDetail, AlertRevisionAnswer
from services.vehicle.schemas.tracks import LegAnswer, LegsAnswer, PositionAnswer
from services.vehicle.service.registry import require_vehicle
from services.vehicle.store import alerts, telemetry
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.errors import BadRequest, NotFound
from shared.geo import simplified

LONGEST_TRIPS = timedelta(days=31)


async def track(
    session: AsyncSession,
    principal: Principal,
    vehicle_id: str,
    start: datetime,
    end: datetime,
    cursor: str | None,
    limit: int,
    *,
    simplify_m: float,
    flagged: bool,
) -> Page[PositionAnswer]:
    """Positions from `start` up to, not including, `end`. Simplifying drops those that lie within `simplify_m` of the line."""
    await require_vehicle(session, principal, vehicle_id)
    _require_order(start, end)
    key = decode_cursor(cursor, datetime, int)
    after = (key[0], key[1]) if key else None
    positions = await telemetry.track(session, vehicle_id, start, end, after, limit + 1, flagged=flagged)
    shown = positions[:limit]
    corners = simplified([(p.lon, p.lat) for p in shown], simplify_m) if simplify_m else range(len(shown))
    items = [_position(shown[index]) for index in corners]
    last = shown[-1] if len(positions) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.ordinal))


def _position(position: Position) -> PositionAnswer:
    return PositionAnswer.describing(position, flags=quality.names(position.flags))


def as_geojson(vehicle_id: str, page: Page[PositionAnswer]) -> dict[str, Any]:
    """RFC 7946: one LineString (a Point for a single fix) with the times of its corners."""
    corners = [[item.lon, item.lat] for item in page.items]
    shape: dict[str, Any] | None = {"type": "LineString", "coordinates": corners} if len(corners) > 1 else None
    if len(corners) == 1:
        shape = {"type": "Point", "coordinates": corners[0]}
    times = [item.at.isoformat() for item in page.items]
    return {
        "type": "Feature",
        "geometry": shape,
        "properties": {"vehicle_id": vehicle_id, "times": times, "next_cursor": page.next_cursor, "datum": "WGS-84"},
    }


async def trips(session: AsyncSession, principal: Principal, vehicle_id: str, start: datetime, end: datetime) -> LegsAnswer:
    """Trips and stops between two moments, from plausible positions in the order of their own time."""
    await require_vehicle(session, principal, vehicle_id)
    _require_order(start, end)
    if end - start > LONGEST_TRIPS:
        raise BadRequest(f"ask for at most {LONGEST_TRIPS.days} days of trips at a time")
    driven = sorted(await telemetry.driven(session, vehicle_id, start, end), key=in_time)
    rules = TRIP_RULES.at(start)
    parts = legs(driven, rules)
    return LegsAnswer(items=[LegAnswer.model_validate(leg) for leg in parts], **asdict(total(driven, parts, rules)))


def _require_order(start: datetime, end: datetime) -> None:
    if end <= start:
        raise BadRequest("`to` must lie after `from`")


async def list_alerts(
    session: AsyncSession, principal: Principal, filters: AlertFilters, cursor: str | None, limit: int
) -> Page[AlertAnswer]:
    key = decode_cursor(cursor, datetime, str)
    page = await alerts.page_of_alerts(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [AlertAnswer.model_validate(alert) for alert in page[:limit]]
    last = items[-1] if len(page) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.opened_at.isoformat(), last.alert_id))


async def get_alert(session: AsyncSession, principal: Principal, alert_id: str) -> AlertDetail:
    alert = await alerts.alert(session, alert_id)
    if alert is None:
        raise NotFound("no such alert")
    if principal.scope.bindings:
        await require_vehicle(session, principal, alert.vehicle_id)
    history = [AlertRevisionAnswer.model_validate(each) for each in await alerts.alert_history(session, alert_id)]
    return AlertDetail.describing(alert, history=history)

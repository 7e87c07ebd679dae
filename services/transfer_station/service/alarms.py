"""A station's alarms: of each subject at most one is open."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.schemas.alarms import AlarmAnswer
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import NotFound
from shared.events.transfer_station import StationAlarmChanged
from shared.ids import new_id
from shared.outbox import publish
from shared.vocabulary import AlertStatus, StationAlarmKind

FIELDS = ("ticket_id", "bay_id", "vehicle_id", "stream", "device_id", "value", "limit")


async def settle(
    session: AsyncSession,
    kind: StationAlarmKind,
    station_id: str,
    subject: str,
    at: datetime,
    *,
    wanted: bool,
    ending: AlertStatus = AlertStatus.CLOSED,
    **about: Any,
) -> None:
    """Have an alarm of this subject open, or none; `about`: any of FIELDS. The caller holds the station's lock."""
    name = f"{kind}:{subject}"
    held = (await store.open_alarms(session, [name])).get(name)
    if held is not None and held.get("bay_id") != about.get("bay_id", held.get("bay_id")):
        await _change(session, held | {"status": AlertStatus.CLOSED.value, "closed_at": max(at, held["opened_at"])})
        held = None
    if wanted and held is None:
        row: dict[str, Any] = {"alarm_id": new_id(), "revision": 0, "station_id": station_id, "kind": kind.value, "subject": name}
        row |= {"status": AlertStatus.OPEN.value, "opened_at": at, "closed_at": None}
        await _change(session, row | dict.fromkeys(FIELDS) | about)
    elif not wanted and held is not None:
        await _change(session, held | {"status": ending.value, "closed_at": max(at, held["opened_at"])})


async def _change(session: AsyncSession, row: dict[str, Any]) -> None:
    row = row | {"revision": row["revision"] + 1, "changed_at": now()}
    await store.put_alarms(session, [row])
    await publish(session, StationAlarmChanged.model_validate(row))


async def get_alarm(session: AsyncSession, principal: Principal, alarm_id: str) -> AlarmAnswer:
    rows = await store.page_of_alarms(session, principal, {"alarm_id": alarm_id}, None, 1)
    if not rows:
        raise NotFound("no such alarm")
    return AlarmAnswer.model_validate(rows[0])


async def list_alarms(
    session: AsyncSession, principal: Principal, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[AlarmAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_alarms(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [AlarmAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.opened_at.isoformat(), last.alarm_id))

"""The station's log: odour, leachate, disinfection, video devices … ; what there is, `data/log_kinds.json` says."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.schemas.logs import LogAnswer, LogBody
from services.transfer_station.service import alarms
from services.transfer_station.service.scope import known_station, locked_station
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, Invalid
from shared.ids import derived_id
from shared.vocabulary import StationAlarmKind

VIDEO = "video"


async def write(session: AsyncSession, principal: Principal, station_id: str, body: LogBody) -> LogAnswer:
    unit = _unit(body)
    await locked_station(session, principal, station_id)
    entry_id = derived_id("log", station_id, body.client_id)
    said = body.model_dump(exclude={"client_id"})
    old = await store.log_entry(session, entry_id)
    if old is not None:
        if any(getattr(old, name) != value for name, value in said.items()):
            raise Conflict("another entry has this client_id; give this one its own", code="entry_exists")
        return LogAnswer.model_validate(old)
    row = said | {"entry_id": entry_id, "station_id": station_id, "unit": unit, "recorded_at": now()}
    await store.add_log(session, row)
    if body.kind == VIDEO:
        await _watch_video(session, station_id, body.device_id)
    return LogAnswer.model_validate(row)


def _unit(body: LogBody) -> str | None:
    kinds = reference.log_kinds(body.at).kinds
    kind = kinds.get(body.kind)
    if kind is None:
        raise Invalid(f"no such kind of entry; it is one of {', '.join(sorted(kinds))}")
    unit: str | None = kind["unit"]
    if unit is None and body.value is not None:
        raise Invalid(f"an entry of kind {body.kind} has no value; say it in `note`")
    if unit is not None and (body.value is None or not kind["min"] <= body.value <= kind["max"]):
        raise Invalid(f"{body.kind} needs a `value` from {kind['min']} to {kind['max']} {unit}")
    return unit


async def _watch_video(session: AsyncSession, station_id: str, device_id: str | None) -> None:
    """The newest entry by its own time decides, whenever it comes."""
    newest = await store.newest_of_device(session, station_id, VIDEO, device_id)
    if newest is not None:
        await alarms.settle(
            session,
            StationAlarmKind.VIDEO_OFFLINE,
            station_id,
            f"{station_id}:{device_id or ''}",
            newest.at,
            wanted=newest.value == 0,
            device_id=device_id,
        )


async def list_entries(
    session: AsyncSession, principal: Principal, station_id: str, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[LogAnswer]:
    await known_station(session, principal, station_id)
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_log(session, station_id, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [LogAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.entry_id))

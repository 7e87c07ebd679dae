"""The station's log: odour, leachate, disinfection, video devices … ; what there is, `data/log_kinds.json` says."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.alarms import About
from services.transfer_station.domain.logs import VIDEO, LogEntry, unit_of
from services.transfer_station.schemas.logs import LogAnswer, LogBody
from services.transfer_station.service import alarms
from services.transfer_station.service.scope import known_station, locked_station
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.ids import derived_id
from shared.vocabulary import StationAlarmKind


async def write(session: AsyncSession, principal: Principal, station_id: str, body: LogBody) -> LogAnswer:
    unit = unit_of(body.kind, body.value, rulebooks.LOG_KINDS.at(body.at))
    await locked_station(session, principal, station_id)
    entry = LogEntry(
        entry_id=derived_id("log", station_id, body.client_id),
        station_id=station_id,
        kind=body.kind,
        value=body.value,
        unit=unit,
        device_id=body.device_id,
        note=body.note,
        person=body.person,
        at=body.at,
        recorded_at=now(),
    )
    old = await store.log_entry(session, entry.entry_id)
    if old is not None:
        old.require_same(entry)
        return LogAnswer.model_validate(old)
    await store.add_log(session, entry)
    if entry.kind == VIDEO:
        await _watch_video(session, station_id, entry.device_id)
    return LogAnswer.model_validate(entry)


async def _watch_video(session: AsyncSession, station_id: str, device_id: str | None) -> None:
    """The newest entry by its own time decides, whenever it comes."""
    newest = await store.newest_of_device(session, station_id, VIDEO, device_id)
    if newest is not None:
        await alarms.open_or_close(
            session,
            StationAlarmKind.VIDEO_OFFLINE,
            station_id,
            f"{station_id}:{device_id or ''}",
            newest.at,
            wanted=newest.is_offline,
            about=About(device_id=device_id),
        )


async def list_entries(
    session: AsyncSession, principal: Principal, station_id: str, kind: str | None, cursor: str | None, limit: int
) -> Page[LogAnswer]:
    await known_station(session, principal, station_id)
    key = decode_cursor(cursor, datetime, str)
    entries = await store.page_of_log(session, station_id, kind, (key[0], key[1]) if key else None, limit + 1)
    items = [LogAnswer.model_validate(entry) for entry in entries[:limit]]
    last = items[-1] if len(entries) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.entry_id))

"""A station's alarms: of each subject at most one is open."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.alarms import NOTHING, About, Alarm, AlarmFilters
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


async def open_or_close(
    session: AsyncSession,
    kind: StationAlarmKind,
    station_id: str,
    subject: str,
    at: datetime,
    *,
    wanted: bool,
    ending: AlertStatus = AlertStatus.CLOSED,
    about: About = NOTHING,
) -> None:
    """Have an alarm of this subject open, or none. The caller holds the station's lock."""
    name = f"{kind}:{subject}"
    alarm = await store.open_alarm(session, name)
    if alarm is not None and alarm.bay_id != about.bay_id:
        await _save(session, alarm.close(at))
        alarm = None
    if wanted and alarm is None:
        opened = Alarm(alarm_id=new_id(), station_id=station_id, kind=kind, subject=name, opened_at=at, changed_at=at)
        await _save(session, opened.tell_about(about))
    elif not wanted and alarm is not None:
        await _save(session, alarm.close(at, ending))


async def _save(session: AsyncSession, alarm: Alarm) -> None:
    alarm = alarm.change(now())
    await store.save_alarm(session, alarm)
    await publish(session, StationAlarmChanged.model_validate(alarm))


async def get_alarm(session: AsyncSession, principal: Principal, alarm_id: str) -> AlarmAnswer:
    alarms = await store.page_of_alarms(session, principal, AlarmFilters(alarm_id=alarm_id), None, 1)
    if not alarms:
        raise NotFound("no such alarm")
    return AlarmAnswer.model_validate(alarms[0])


async def list_alarms(
    session: AsyncSession, principal: Principal, filters: AlarmFilters, cursor: str | None, limit: int
) -> Page[AlarmAnswer]:
    key = decode_cursor(cursor, datetime, str)
    alarms = await store.page_of_alarms(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [AlarmAnswer.model_validate(alarm) for alarm in alarms[:limit]]
    last = items[-1] if len(alarms) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.opened_at.isoformat(), last.alarm_id))

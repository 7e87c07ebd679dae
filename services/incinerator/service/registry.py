"""Plants with their furnace lines, and the loggers that speak for these."""

import hashlib
import hmac
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.hj212 import Unreadable, parse
from services.incinerator.schemas.plants import FrameAnswer, LineAnswer, LoggerAnswer, LoggerBody, PlantAnswer, PlantBody
from services.incinerator.service.fates import Fate, fate_of
from services.incinerator.service.scope import require_plant
from services.incinerator.store import emissions
from services.incinerator.store import plants as store
from services.incinerator.tables.emissions import Logger, LoggerState, RawFrame
from services.incinerator.tables.plants import Plant
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import Conflict, Invalid, NotFound
from shared.ids import new_id


async def put_plant(session: AsyncSession, plant_id: str, body: PlantBody, zone: ZoneInfo) -> PlantAnswer:
    """Changed limits judge anew all days since they are valid."""
    for line in body.lines:
        known = await store.line(session, line.line_id)
        if known is not None and known.plant_id != plant_id:
            raise Conflict(f"line {line.line_id} belongs to plant {known.plant_id}")
    before = await store.plant(session, plant_id)
    old_limits = before.limits if before else []
    row = body.model_dump(mode="json", exclude={"lines"}) | {"plant_id": plant_id, "changed_at": now()}
    await store.put_plant(session, row)
    gone = {line.line_id for line in await store.lines(session, [plant_id])} - {line.line_id for line in body.lines}
    await store.drop_lines(session, gone)
    await store.put_lines(session, [line.model_dump() | {"plant_id": plant_id} for line in body.lines])
    changed = [limit for limit in [*old_limits, *row["limits"]] if limit not in old_limits or limit not in row["limits"]]
    if changed:
        since = min(datetime.fromisoformat(limit["valid_from"]) for limit in changed)
        days = await emissions.judged_days(session, [line.line_id for line in body.lines], since)
        await emissions.touch_days(session, [(line_id, service_day(start, zone)) for line_id, start in days], now())
    return (await _answers(session, [Plant.model_validate(row)]))[0]


async def list_plants(session: AsyncSession, principal: Principal) -> Page[PlantAnswer]:
    return Page(items=await _answers(session, list(await store.plants(session, principal.scope))))


async def get_plant(session: AsyncSession, principal: Principal, plant_id: str) -> PlantAnswer:
    return (await _answers(session, [await require_plant(session, principal, plant_id)]))[0]


async def _answers(session: AsyncSession, found: list[Plant]) -> list[PlantAnswer]:
    lines = await store.lines(session, [plant.plant_id for plant in found])
    return [
        PlantAnswer.model_validate(
            plant.model_dump() | {"lines": [LineAnswer.model_validate(line) for line in lines if line.plant_id == plant.plant_id]}
        )
        for plant in found
    ]


async def put_logger(session: AsyncSession, mn: str, body: LoggerBody) -> LoggerAnswer:
    line = await store.line(session, body.line_id)
    if line is None or line.plant_id != body.plant_id:
        raise Invalid(f"plant {body.plant_id} has no line {body.line_id}; register it first")
    before = (await store.loggers(session, [mn])).get(mn)
    if before is None and body.password is None:
        raise Invalid("a new logger needs its password")
    row = body.model_dump(mode="json", exclude={"password"}) | {"mn": mn, "registered_at": now()}
    if body.password is not None:
        salt = new_id()
        row |= {"password_salt": salt, "password_hash": password_hash(body.password, salt)}
    elif before is not None:
        row |= {"password_salt": before.password_salt, "password_hash": before.password_hash}
    await store.put_logger(session, row)
    return _logger(Logger.model_validate(row), (await store.logger_states(session, [mn])).get(mn))


def password_hash(password: str, salt: str) -> str:
    """A fast hash on purpose: six characters that travel in clear text in each frame are no secret a slow one could keep, and
    a flood of wrong ones must not stop the intake."""
    return hashlib.blake2b(password.encode(), salt=salt.replace("-", "")[-16:].encode(), digest_size=32).hexdigest()


def knows_password(logger: Logger, password: str) -> bool:
    return hmac.compare_digest(password_hash(password, logger.password_salt), logger.password_hash)


async def list_loggers(session: AsyncSession, principal: Principal) -> Page[LoggerAnswer]:
    rows = await store.loggers_with_state(session, principal.scope)
    return Page(items=[_logger(logger, state) for logger, state in rows])


def _logger(logger: Logger, state: LoggerState | None) -> LoggerAnswer:
    told: dict[str, Any] = (
        state.model_dump() if state else {"frames": 0, "last_frame_at": None, "last_crc": None, "last_encoding": None}
    )
    return LoggerAnswer.model_validate(logger.model_dump() | told)


async def list_frames(
    session: AsyncSession, principal: Principal, mn: str, start: datetime, end: datetime, cursor: str | None, limit: int
) -> Page[FrameAnswer]:
    logger = (await store.loggers(session, [mn])).get(mn)
    if logger is None or not principal.sees(station_id=logger.plant_id):
        raise NotFound("no such logger")
    key = decode_cursor(cursor, datetime, str)
    rows = await emissions.page_of_frames(session, mn, start, end, (key[0], key[1]) if key else None, limit + 1)
    items = [_frame(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.received_at.isoformat(), last.frame_id))


def _frame(row: RawFrame) -> FrameAnswer:
    read: dict[str, Any] = {"fate": Fate.AHEAD if row.ahead else Fate.TAKEN, "refused": []}
    with suppress(Unreadable):  # one that an earlier version took
        message = parse(row.data)
        read = {"fate": fate_of(message, row.data_at, ahead=row.ahead), "refused": message.refused}
    return FrameAnswer.model_validate(row.model_dump() | read | {"text": row.data.decode(row.encoding)})

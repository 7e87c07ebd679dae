"""Plants with their furnace lines, and the loggers that speak for these."""

import hashlib
import hmac
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.hj212 import Unreadable, parse
from services.incinerator.domain.means import Period
from services.incinerator.domain.plants import FurnaceLine, HeardLogger, Logger, OwnLimit, Plant, RawFrame, limits_changed_since
from services.incinerator.schemas.plants import (
    FrameAnswer,
    LoggerAnswer,
    LoggerBody,
    PlantAnswer,
    PlantBody,
)
from services.incinerator.service.fates import Fate, fate_of
from services.incinerator.service.scope import require_plant
from services.incinerator.store import emissions
from services.incinerator.store import plants as store
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
    plant = _plant(plant_id, body)
    await store.save_plant(session, plant)
    gone = {line.line_id for line in await store.lines(session, [plant_id])} - {line.line_id for line in body.lines}
    await store.drop_lines(session, gone)
    lines = [FurnaceLine(line_id=line.line_id, plant_id=plant_id, name=line.name) for line in body.lines]
    await store.save_lines(session, lines)
    since = limits_changed_since(before.limits if before else (), plant.limits)
    if since is not None:
        days = await emissions.judged_days(session, [line.line_id for line in body.lines], since)
        await emissions.touch_days(session, [(line_id, service_day(start, zone)) for line_id, start in days], now())
    return (await _answers(session, [plant]))[0]


def _plant(plant_id: str, body: PlantBody) -> Plant:
    return Plant(
        plant_id=plant_id,
        name_zh=body.name_zh,
        name_en=body.name_en,
        district_id=body.district_id,
        lon=body.lon,
        lat=body.lat,
        bunker_capacity_kg=body.bunker_capacity_kg,
        limits=tuple(
            OwnLimit(
                measured=limit.measured,
                period=Period(limit.period),
                limit=limit.limit,
                valid_from=limit.valid_from,
                source=limit.source,
            )
            for limit in body.limits
        ),
        changed_at=now(),
    )


async def list_plants(session: AsyncSession, principal: Principal) -> Page[PlantAnswer]:
    return Page(items=await _answers(session, await store.plants(session, principal.scope)))


async def get_plant(session: AsyncSession, principal: Principal, plant_id: str) -> PlantAnswer:
    return (await _answers(session, [await require_plant(session, principal, plant_id)]))[0]


async def _answers(session: AsyncSession, plants: list[Plant]) -> list[PlantAnswer]:
    lines = await store.lines(session, [plant.plant_id for plant in plants])
    return [PlantAnswer.of(plant, [line for line in lines if line.plant_id == plant.plant_id]) for plant in plants]


async def put_logger(session: AsyncSession, mn: str, body: LoggerBody) -> LoggerAnswer:
    line = await store.line(session, body.line_id)
    if line is None or line.plant_id != body.plant_id:
        raise Invalid(f"plant {body.plant_id} has no line {body.line_id}; register it first")
    before = (await store.loggers(session, [mn])).get(mn)
    if before is None and body.password is None:
        raise Invalid("a new logger needs its password")
    salt, hashed = (before.password_salt, before.password_hash) if before else ("", "")
    if body.password is not None:
        salt = new_id()
        hashed = password_hash(body.password, salt)
    logger = Logger(
        mn=mn,
        plant_id=body.plant_id,
        line_id=body.line_id,
        crc=body.crc,
        password_salt=salt,
        password_hash=hashed,
        factors=body.factors,
        minute_s=body.minute_s,
        realtime_s=body.realtime_s,
        registered_at=now(),
    )
    await store.save_logger(session, logger)
    return LoggerAnswer.of(HeardLogger.of(logger, (await store.logger_states(session, [mn])).get(mn)))


def password_hash(password: str, salt: str) -> str:
    """A fast hash on purpose: six characters that travel in clear text in each frame are no secret a slow one could keep, and
    a flood of wrong ones must not stop the intake."""
    return hashlib.blake2b(password.encode(), salt=salt.replace("-", "")[-16:].encode(), digest_size=32).hexdigest()


def knows_password(logger: Logger, password: str) -> bool:
    return hmac.compare_digest(password_hash(password, logger.password_salt), logger.password_hash)


async def list_loggers(session: AsyncSession, principal: Principal) -> Page[LoggerAnswer]:
    return Page(items=[LoggerAnswer.of(heard) for heard in await store.heard_loggers(session, principal.scope)])


async def list_frames(
    session: AsyncSession, principal: Principal, mn: str, start: datetime, end: datetime, cursor: str | None, limit: int
) -> Page[FrameAnswer]:
    logger = (await store.loggers(session, [mn])).get(mn)
    if logger is None or not principal.sees(station_id=logger.plant_id):
        raise NotFound("no such logger")
    key = decode_cursor(cursor, datetime, str)
    frames = await emissions.page_of_frames(session, mn, start, end, (key[0], key[1]) if key else None, limit + 1)
    items = [_frame(frame) for frame in frames[:limit]]
    last = items[-1] if len(frames) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.received_at.isoformat(), last.frame_id))


def _frame(frame: RawFrame) -> FrameAnswer:
    fate, refused = Fate.AHEAD if frame.ahead else Fate.TAKEN, list[str]()
    with suppress(Unreadable):  # one that an earlier version took
        message = parse(frame.data)
        fate, refused = fate_of(message, frame.data_at, ahead=frame.ahead), list(message.refused)
    return FrameAnswer.of(frame, fate, refused)

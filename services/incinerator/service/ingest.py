"""Frames of data loggers, stored before they are answered: what arrives together shares one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import reference
from services.incinerator.rules.hj212 import CrcVariant, Frame, Message, accepts, answer, matching_crc
from services.incinerator.rules.means import Sent
from services.incinerator.service.registry import knows_password
from services.incinerator.store import emissions, plants
from services.incinerator.store.emissions import ReadingKey
from services.incinerator.tables import Logger
from shared.clock import now, service_day
from shared.ids import derived_id
from shared.times import doubt
from shared.vocabulary import Measured

KINDS = {"2011": Sent.REALTIME, "2051": Sent.MINUTE, "2061": Sent.HOUR, "2031": Sent.DAY, "2111": Sent.FURNACE}
NO_CRC = "none"


class Fate(StrEnum):
    """What became of a frame."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    AHEAD = "ahead"
    """Kept and answered, but its time lies in the future, or too far back to be believed: no reading is made of it."""
    UNKNOWN_LOGGER = "unknown_logger"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a word, not a secret
    WRONG_CRC = "wrong_crc"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Arrival:
    frame: Frame
    message: Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reply`: the 9014 to send once the transaction is committed; refused frames get none, so the logger sends again."""

    fate: Fate
    reply: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    arrival: Arrival
    logger: Logger
    crc: str
    frame_id: str
    data_at: datetime | None
    ahead: bool


async def take_frames(session: AsyncSession, arrivals: Sequence[Arrival], zone: ZoneInfo) -> list[Outcome]:
    """In the order of `arrivals`. The same bytes again are answered again and change nothing."""
    received_at = now()
    loggers = await plants.loggers(session, [one.message.mn for one in arrivals])
    taken: dict[str, _Taken] = {}
    outcomes: list[Outcome | str] = []
    for one in arrivals:
        found = _check(one, loggers.get(one.message.mn), zone, received_at)
        if isinstance(found, Fate):
            outcomes.append(Outcome(found))
        else:
            taken[found.frame_id] = found
            outcomes.append(found.frame_id)
    known = await emissions.known_frames(session, taken) if taken else set()
    fresh = [one for frame_id, one in taken.items() if frame_id not in known]
    await _store(session, fresh, zone, received_at)
    return [one if isinstance(one, Outcome) else _outcome(taken[one], one in known) for one in outcomes]


def _check(one: Arrival, logger: Logger | None, zone: ZoneInfo, received_at: datetime) -> _Taken | Fate:
    if logger is None:
        return Fate.UNKNOWN_LOGGER
    matched = matching_crc(one.frame)
    if not accepts(CrcVariant(logger.crc), matched):
        return Fate.WRONG_CRC
    if not knows_password(logger, one.message.pw):
        return Fate.WRONG_PASSWORD
    data_at = one.message.data_time(zone)
    tolerated = timedelta(seconds=reference.mean_rules_at(received_at).clock_ahead_seconds)
    ahead = data_at is not None and (data_at > received_at + tolerated or doubt(data_at, received_at) == "past_time")
    return _Taken(one, logger, matched or NO_CRC, derived_id(logger.mn, one.frame.data.hex()), data_at, ahead)


def _outcome(one: _Taken, known: bool) -> Outcome:
    fate = Fate.DUPLICATE if known else Fate.AHEAD if one.ahead else Fate.TAKEN
    variant = CrcVariant(one.crc) if one.crc != NO_CRC else CrcVariant.HJ212
    return Outcome(fate, answer(one.arrival.message, variant) if one.arrival.message.wants_answer else None)


async def _store(session: AsyncSession, fresh: Sequence[_Taken], zone: ZoneInfo, received_at: datetime) -> None:
    if not fresh:
        return
    said = [reading for one in fresh if not one.ahead for reading in _said(one)]
    days = {(key[0], service_day(key[3], zone)) for key, _ in said}
    await emissions.touch_days(session, days, received_at)
    await emissions.add_frames(session, [_frame_row(one, received_at) for one in fresh])
    await _merge(session, said)
    await _note_states(session, fresh, received_at)


def _frame_row(one: _Taken, received_at: datetime) -> dict[str, Any]:
    message = one.arrival.message
    return {
        "frame_id": one.frame_id, "mn": message.mn, "received_at": received_at, "qn": message.qn, "cn": message.cn,
        "data_at": one.data_at, "pnum": message.pnum, "pno": message.pno, "crc": one.crc, "encoding": message.encoding,
        "ahead": one.ahead, "data": one.arrival.frame.data,
    }  # fmt: skip


Said = tuple[ReadingKey, dict[str, list[str]]]


def _said(one: _Taken) -> Iterable[Said]:
    """A frame's readings; of each suffix the QN that said it and the text."""
    message, kind = one.arrival.message, KINDS.get(one.arrival.message.cn)
    if kind is None or one.data_at is None:
        return
    for measured, values in _by_measured(message, one.logger, one.data_at).items():
        yield (one.logger.line_id, measured, kind, one.data_at), {name: [message.qn, text] for name, text in values.items()}


def _by_measured(message: Message, logger: Logger, at: datetime) -> dict[Measured, Mapping[str, str]]:
    """A code the device names itself goes before the standard's code of the same thing."""
    found: dict[Measured, Mapping[str, str]] = {}
    own = {code: Measured(name) for code, name in logger.factors.items()}
    for factors in (reference.factors_at(at), own):
        found |= {factors[code]: values for code, values in message.values.items() if code in factors}
    return found


async def _merge(session: AsyncSession, said: Sequence[Said]) -> None:
    """Packets of one message, and what is sent again, meet in one row: of each suffix the newest QN stays, in any order."""
    if not said:
        return
    rows = dict(await emissions.readings(session, {key for key, _ in said}))
    changed = set()
    for key, values in said:
        before = rows.get(key, {})
        merged = before | {name: value for name, value in values.items() if value > before.get(name, [])}
        if merged != before:
            rows[key] = merged
            changed.add(key)
    names = ("line_id", "measured", "kind", "at")
    await emissions.put_readings(session, [dict(zip(names, key, strict=True)) | {"values": rows[key]} for key in sorted(changed)])


async def _note_states(session: AsyncSession, fresh: Sequence[_Taken], received_at: datetime) -> None:
    newest = {one.logger.mn: one for one in fresh}
    before = await plants.logger_states(session, newest)
    rows = [
        {
            "mn": mn, "last_frame_at": received_at, "last_crc": one.crc, "last_encoding": one.arrival.message.encoding,
            "frames": (before[mn].frames if mn in before else 0) + sum(other.logger.mn == mn for other in fresh),
        }
        for mn, one in sorted(newest.items())
    ]  # fmt: skip
    await plants.put_logger_states(session, rows)

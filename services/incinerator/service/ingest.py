"""Frames of data loggers, stored before they are answered: what arrives together shares one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import rulebooks
from services.incinerator.domain.hj212 import (
    CLOCK_REQUEST,
    CrcVariant,
    Frame,
    Message,
    accepts,
    answer,
    clock_setting,
    is_refused,
    matching_crc,
    parse,
)
from services.incinerator.domain.plants import Logger, LoggerState, RawFrame
from services.incinerator.service.fates import KINDS, Fate, fate_of
from services.incinerator.service.registry import knows_password
from services.incinerator.store import emissions, plants
from services.incinerator.store.emissions import ReadingKey, SentValues
from shared.clock import now, service_day
from shared.ids import derived_id
from shared.times import doubt
from shared.vocabulary import Measured

NO_CRC = "none"
PACKETS_TOGETHER = timedelta(hours=1)
"""How long packets of one message wait for the one that says its time."""


@dataclass(frozen=True, slots=True)
class Arrival:
    frame: Frame
    message: Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reply`: the frames to send once the transaction is committed; refused frames get none, so the logger sends again.

    `refused_values`: how many values of a new frame ought to be numbers and are none.
    """

    fate: Fate
    reply: bytes | None = None
    refused_values: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    arrival: Arrival
    logger: Logger
    crc: str
    frame_id: str
    data_at: datetime | None = None
    ahead: bool = False

    def at(self, data_at: datetime | None, received_at: datetime) -> "_Taken":
        """With this time, held against the clock."""
        tolerated = timedelta(seconds=rulebooks.MEAN_RULES.at(received_at).clock_ahead_seconds)
        unbelievable = data_at is not None and doubt(data_at, received_at) == "past_time"
        return replace(self, data_at=data_at, ahead=unbelievable or (data_at is not None and data_at > received_at + tolerated))


async def take_frames(session: AsyncSession, arrivals: Sequence[Arrival], zone: ZoneInfo) -> list[Outcome]:
    """In the order of `arrivals`. The same bytes again are answered again and change nothing."""
    received_at = now()
    local = received_at.astimezone(zone)
    loggers = await plants.loggers(session, [one.message.mn for one in arrivals])
    taken: dict[str, _Taken] = {}
    outcomes: list[Outcome | str] = []
    for one in arrivals:
        checked = _check(one, loggers.get(one.message.mn), zone, received_at)
        if isinstance(checked, Fate):
            outcomes.append(Outcome(checked))
        else:
            taken[checked.frame_id] = checked
            outcomes.append(checked.frame_id)
    known = await emissions.known_frames(session, taken) if taken else set()
    fresh = [one for frame_id, one in taken.items() if frame_id not in known]
    waited, fresh = await _lend_times(session, fresh, received_at)
    await _store(session, waited, fresh, zone, received_at)
    taken |= {one.frame_id: one for one in fresh}
    return [one if isinstance(one, Outcome) else _outcome(taken[one], one in known, local) for one in outcomes]


def _check(one: Arrival, logger: Logger | None, zone: ZoneInfo, received_at: datetime) -> _Taken | Fate:
    if logger is None:
        return Fate.UNKNOWN_LOGGER
    matched = matching_crc(one.frame)
    if not accepts(logger.crc, matched):
        return Fate.WRONG_CRC
    if not knows_password(logger, one.message.pw):
        return Fate.WRONG_PASSWORD
    taken = _Taken(one, logger, matched or NO_CRC, derived_id(logger.mn, one.frame.data.hex()))
    return taken.at(one.message.data_time(zone), received_at)


def _outcome(one: _Taken, known: bool, at: datetime) -> Outcome:
    """`at`: now, as clocks show it where the device stands."""
    message, replies = one.arrival.message, b""
    variant = CrcVariant(one.crc) if one.crc != NO_CRC else CrcVariant.HJ212
    if message.wants_answer:
        replies += answer(message, variant)
    if message.cn == CLOCK_REQUEST:
        replies += clock_setting(message, variant, at)
    if known:
        return Outcome(Fate.DUPLICATE, replies or None)
    return Outcome(fate_of(message, one.data_at, ahead=one.ahead), replies or None, len(message.refused))


PacketsKey = tuple[str, str, str, int]


def _packets_of(message: Message) -> PacketsKey | None:
    """The message that this is a packet of; None: it is whole, or has no QN to know the others by."""
    return (message.mn, message.cn, message.qn, message.pnum) if message.pnum > 1 and message.qn else None


async def _lend_times(session: AsyncSession, fresh: Sequence[_Taken], received_at: datetime) -> tuple[list[_Taken], list[_Taken]]:
    """Packets without a time get that of their message's other packets: stored ones that waited for it, and `fresh` ones.

    Where the other packets do not agree on one time, none is lent.
    """
    loggers = {one.logger.mn: one.logger for one in fresh}
    keys = {key for one in fresh if (key := _packets_of(one.arrival.message))}
    frames = await emissions.packets(session, keys, received_at - PACKETS_TOGETHER) if keys else []
    stored = [_as_taken(raw, loggers[raw.mn]) for raw in frames if (raw.mn, raw.cn, raw.qn, raw.pnum) in keys]
    times: dict[PacketsKey | None, set[datetime]] = {}
    for one in [*stored, *fresh]:
        if one.data_at is not None:
            times.setdefault(_packets_of(one.arrival.message), set()).add(one.data_at)

    def lend(one: _Taken) -> _Taken:
        key = _packets_of(one.arrival.message)
        if key is None or one.arrival.message.time_text is not None or len(times.get(key, ())) != 1:
            return one
        return one.at(next(iter(times[key])), received_at)

    return [late for one in stored if one.data_at is None and (late := lend(one)).data_at], [lend(one) for one in fresh]


def _as_taken(raw: RawFrame, logger: Logger) -> _Taken:
    return _Taken(Arrival(Frame(raw.data, ""), parse(raw.data)), logger, raw.crc, raw.frame_id, raw.data_at, raw.ahead)


async def _store(
    session: AsyncSession, waited: Sequence[_Taken], fresh: Sequence[_Taken], zone: ZoneInfo, received_at: datetime
) -> None:
    """`waited`: frames that are stored, and now have a time."""
    if not fresh:
        return
    readings = [reading for one in [*waited, *fresh] if not one.ahead for reading in _readings(one)]
    days = {(key[0], service_day(key[3], zone)) for key, _ in readings}
    await emissions.touch_days(session, days, received_at)
    await emissions.add_frames(session, [_raw_frame(one, received_at) for one in fresh])
    for one in waited:
        await emissions.set_frame_time(session, one.frame_id, one.data_at, ahead=one.ahead)
    await _merge(session, readings)
    await _note_states(session, fresh, received_at)


def _raw_frame(one: _Taken, received_at: datetime) -> RawFrame:
    message = one.arrival.message
    return RawFrame(
        frame_id=one.frame_id,
        mn=message.mn,
        received_at=received_at,
        qn=message.qn,
        cn=message.cn,
        data_at=one.data_at,
        pnum=message.pnum,
        pno=message.pno,
        crc=one.crc,
        encoding=message.encoding,
        ahead=one.ahead,
        data=one.arrival.frame.data,
    )


SentReading = tuple[ReadingKey, SentValues]


def _readings(one: _Taken) -> Iterable[SentReading]:
    """Of each suffix the QN that said it and the text. A number that is none says nothing."""
    message, kind = one.arrival.message, KINDS.get(one.arrival.message.cn)
    if kind is None or one.data_at is None:
        return
    for measured, values in _by_measured(message, one.logger, one.data_at).items():
        yield (
            (one.logger.line_id, measured, kind, one.data_at),
            {name: [message.qn, text] for name, text in values.items() if not is_refused(name, text)},
        )


def _by_measured(message: Message, logger: Logger, at: datetime) -> dict[Measured, Mapping[str, str]]:
    """A code the device names itself goes before the standard's code of the same thing."""
    by_measured: dict[Measured, Mapping[str, str]] = {}
    for factors in (rulebooks.FACTORS.at(at).measured(), logger.factors):
        by_measured |= {factors[code]: values for code, values in message.values.items() if code in factors}
    return by_measured


async def _merge(session: AsyncSession, readings: Sequence[SentReading]) -> None:
    """Packets of one message, and corrections, meet in one row: of each suffix what came last stays.

    By arrival, for a QN is told by the device's own clock, is missing in devices of 2005, and may be that of the first try.
    """
    if not readings:
        return
    stored = await emissions.readings(session, {key for key, _ in readings})
    changed: dict[ReadingKey, SentValues] = {}
    for key, values in readings:
        before = changed.get(key) or stored.get(key, {})
        merged = before | values
        if merged != before:
            changed[key] = merged
    await emissions.save_readings(session, changed)


async def _note_states(session: AsyncSession, fresh: Sequence[_Taken], received_at: datetime) -> None:
    newest = {one.logger.mn: one for one in fresh}
    before = await plants.logger_states(session, newest)
    states = [
        LoggerState(
            mn=mn,
            last_frame_at=received_at,
            last_crc=one.crc,
            last_encoding=one.arrival.message.encoding,
            frames=(before[mn].frames if mn in before else 0) + sum(other.logger.mn == mn for other in fresh),
        )
        for mn, one in sorted(newest.items())
    ]
    await plants.save_logger_states(session, states)

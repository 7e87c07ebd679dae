"""Incineration plants, their furnace lines, and the data loggers that speak for these."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.incinerator.domain.exceedances import Limit
from services.incinerator.domain.hj212 import CrcVariant
from services.incinerator.domain.means import Period
from shared.versions import Version
from shared.vocabulary import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors(Version):
    """What a factor code of HJ 212 stands for."""

    factors: Mapping[str, str]

    def measured(self) -> dict[str, Measured]:
        return {code: Measured(name) for code, name in self.factors.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLimit:
    """A limit of the plant's own permit or of its city, mg/m³ at 11 % O₂."""

    measured: Measured
    period: Period
    limit: float
    valid_from: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """`limits`: of its own, stricter than the national ones; `bunker_capacity_kg`: None when not known. WGS-84."""

    plant_id: str
    name_zh: str
    name_en: str
    district_id: str | None
    lon: float
    lat: float
    bunker_capacity_kg: int | None
    limits: tuple[OwnLimit, ...]
    changed_at: datetime

    def own_limits(self) -> list[Limit]:
        return [Limit(own.measured, own.period, own.limit, "mg/m³", own.source, own.valid_from) for own in self.limits]


def limits_changed_since(before: tuple[OwnLimit, ...], after: tuple[OwnLimit, ...]) -> datetime | None:
    """From when on a limit that is in one of them only is valid; None where they hold the same."""
    return min((limit.valid_from for limit in (*before, *after) if limit not in before or limit not in after), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FurnaceLine:
    line_id: str
    plant_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logger:
    """`factors`: what a code of this device stands for, beside the standard's; `minute_s`, `realtime_s`: how often it sends."""

    mn: str
    plant_id: str
    line_id: str
    crc: CrcVariant
    password_salt: str
    password_hash: str
    factors: Mapping[str, Measured]
    minute_s: int
    realtime_s: int
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerState:
    """The newest frame of a logger, by the time it came. `last_crc`: which variant matched; `none`: none did."""

    mn: str
    last_frame_at: datetime
    last_crc: str
    last_encoding: str
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardLogger:
    """A logger and its newest frame; None and 0 frames: it never spoke."""

    logger: Logger
    last_frame_at: datetime | None = None
    last_crc: str | None = None
    last_encoding: str | None = None
    frames: int | None = None

    @classmethod
    def of(cls, logger: Logger, state: LoggerState | None) -> "HeardLogger":
        if state is None:
            return cls(logger=logger)
        return cls(
            logger=logger,
            last_frame_at=state.last_frame_at,
            last_crc=state.last_crc,
            last_encoding=state.last_encoding,
            frames=state.frames,
        )

    @property
    def heard_at(self) -> datetime:
        """Of one that never spoke its registration."""
        return self.last_frame_at or self.logger.registered_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFrame:
    """A data segment as it came. `data_at` None: it says no time, or none that can be read. `ahead`: not believed."""

    frame_id: str
    mn: str
    received_at: datetime
    qn: str
    cn: str
    data_at: datetime | None
    pnum: int
    pno: int
    crc: str
    encoding: str
    ahead: bool
    data: bytes

"""Bodies of plants, furnace lines and loggers."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from services.incinerator.domain.hj212 import CrcVariant
from services.incinerator.domain.plants import FurnaceLine, HeardLogger, Plant, RawFrame
from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Name, When
from shared.vocabulary import Measured, OperatingCondition

POLLUTANTS = (Measured.PARTICULATE, Measured.NOX, Measured.SO2, Measured.HCL, Measured.CO)
Pollutant = Literal[Measured.PARTICULATE, Measured.NOX, Measured.SO2, Measured.HCL, Measured.CO]
Mn = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,24}$")]
Kilograms = Annotated[int, Field(ge=0, le=1_000_000_000_000)]


class LineBody(Body):
    line_id: Id
    name: Name


class OwnLimit(Body):
    """A limit of the plant's own permit or of its city, mg/m³ at 11 % O₂: it counts where it is stricter than the national."""

    measured: Pollutant
    period: Literal["hourly", "daily"]
    limit: Annotated[float, Field(gt=0, le=10_000)]
    valid_from: When
    source: Name


class PlantBody(Body):
    """The whole plant. A line that is left out is gone from the lists; what it emitted stays. WGS-84."""

    name_zh: Name
    name_en: Name
    district_id: Code | None = None
    lon: Longitude
    lat: Latitude
    bunker_capacity_kg: Kilograms | None = None
    lines: Annotated[list[LineBody], Field(max_length=20)]
    limits: Annotated[list[OwnLimit], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _lines_differ(self) -> "PlantBody":
        if len({line.line_id for line in self.lines}) < len(self.lines):
            raise ValueError("a line_id stands in lines twice")
        return self


class LineAnswer(Answer):
    line_id: str
    name: str


class LimitAnswer(Answer):
    measured: Pollutant
    period: Literal["hourly", "daily"]
    limit: float
    valid_from: datetime
    source: str


class PlantAnswer(Answer):
    plant_id: str
    name_zh: str
    name_en: str
    district_id: str | None
    lon: float
    lat: float
    bunker_capacity_kg: int | None
    lines: list[LineAnswer]
    limits: list[LimitAnswer]
    changed_at: datetime

    @classmethod
    def of(cls, plant: Plant, lines: Sequence[FurnaceLine]) -> "PlantAnswer":
        return cls(
            plant_id=plant.plant_id,
            name_zh=plant.name_zh,
            name_en=plant.name_en,
            district_id=plant.district_id,
            lon=plant.lon,
            lat=plant.lat,
            bunker_capacity_kg=plant.bunker_capacity_kg,
            lines=[LineAnswer.model_validate(line) for line in lines],
            limits=[LimitAnswer.model_validate(limit) for limit in plant.limits],
            changed_at=plant.changed_at,
        )


class LoggerBody(Body):
    """A data logger (数采仪) that speaks HJ 212. `password`: null keeps the one it has; a new logger needs one (`""` is one).

    `factors`: what a code of this device stands for, beside the standard's own. `minute_s`, `realtime_s`: how often it is set to
    send means (CN 2051) and real-time data (CN 2011), seconds.
    """

    plant_id: Id
    line_id: Id
    crc: CrcVariant = CrcVariant.HJ212
    password: Annotated[str, StringConstraints(pattern=r"^[!-:<-~]{0,32}$")] | None = None
    factors: Annotated[dict[Id, Measured], Field(max_length=100)] = {}
    minute_s: Annotated[int, Field(ge=60, le=1800)] = 600
    realtime_s: Annotated[int, Field(ge=1, le=3600)] = 60


class LoggerAnswer(Answer):
    """`last_crc`: which variant the newest frame's CRC matched; `none`: none of them, and the device's are ignored."""

    mn: str
    plant_id: str
    line_id: str
    crc: CrcVariant
    factors: dict[str, Measured]
    minute_s: int
    realtime_s: int
    registered_at: datetime
    frames: int
    last_frame_at: datetime | None
    last_crc: str | None
    last_encoding: str | None

    @classmethod
    def of(cls, heard: HeardLogger) -> "LoggerAnswer":
        logger = heard.logger
        return cls(
            mn=logger.mn,
            plant_id=logger.plant_id,
            line_id=logger.line_id,
            crc=logger.crc,
            factors=dict(logger.factors),
            minute_s=logger.minute_s,
            realtime_s=logger.realtime_s,
            registered_at=logger.registered_at,
            frames=heard.frames or 0,
            last_frame_at=heard.last_frame_at,
            last_crc=heard.last_crc,
            last_encoding=heard.last_encoding,
        )


class FrameAnswer(Answer):
    """A data segment as it came. `ahead`: its time lies too far in the future to be believed; `no_time`: it says none that can
    be read. No reading is made of either. `refused`: values that ought to be numbers and are none, as `code-suffix=text`."""

    frame_id: str
    received_at: datetime
    qn: str
    cn: str
    data_at: datetime | None
    pnum: int
    pno: int
    crc: str
    encoding: str
    ahead: bool
    fate: Literal["taken", "ahead", "no_time"]
    refused: list[str]
    text: str

    @classmethod
    def of(cls, frame: RawFrame, fate: str, refused: Sequence[str]) -> "FrameAnswer":
        own = {name: value for name, value in asdict(frame).items() if name in cls.model_fields}
        return cls(**own, fate=fate, refused=list(refused), text=frame.data.decode(frame.encoding))


class MarkBody(Body):
    """The line's condition from `start` until `end` (null: until further notice). A later mark paints over earlier ones, so a
    wrong one is corrected by marking the time `normal`."""

    start: When
    end: When | None = None
    condition: OperatingCondition
    note: Annotated[Name, Field(max_length=200)]

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "MarkBody":
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must lie after start")
        return self


class MarkAnswer(Answer):
    line_id: str
    seq: int
    start: datetime
    end: datetime | None
    condition: OperatingCondition
    note: str
    recorded_by: str
    recorded_at: datetime

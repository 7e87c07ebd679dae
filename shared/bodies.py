"""What request and answer bodies have in common: strict text, names, finite numbers, bounded times and days, pages."""

import base64
import json
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from shared.errors import BadRequest
from shared.geo import datum_of
from shared.names import clean_name
from shared.times import require_believable

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)
"""Days that lie between EARLIEST and LATEST in every zone."""
FIRST_SERVICE_DAY, LAST_SERVICE_DAY = date(2000, 1, 1), date(2100, 12, 31)
"""Days that rounds are planned for."""
MONTH_PATTERN = r"^(20|21)\d{2}-(0[1-9]|1[0-2])$"
WEEK_PATTERN = r"^(20|21)\d{2}-W\d{2}$"


class Body(BaseModel):
    """A request body: an unknown field is an error, not silently ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)

    @classmethod
    def describing(cls, thing: object, **more: Any) -> Self:
        """From a thing's attributes, and what it does not say itself."""
        names = (name for name in cls.model_fields if name not in more)
        return cls.model_validate({name: getattr(thing, name) for name in names} | more)


def as_json(value: Any) -> Any:
    """A frozen type as JSON has it: times as ISO 8601 with their offset; a field `from_` is called `from`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name.rstrip("_"): as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {name: as_json(item) for name, item in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


AsJson = BeforeValidator(as_json)
"""For members of an answer that are shown as they are stored."""


def _printable(text: str) -> str:
    """PostgreSQL cannot store NUL, and a terminal or a log must not obey what a device called itself."""
    if not text.isprintable() and any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _no_number(value: Any) -> Any:
    """A number may be seconds or milliseconds, since whatever day: it is not guessed."""
    if isinstance(value, str) and value[4:5] != "-":
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, int | float):
        reason = "a number is no time; send ISO 8601, such as 2026-11-16 or 2026-11-16T10:00:00+08:00"
        raise ValueError(reason)  # noqa: TRY004 - pydantic reports ValueErrors only
    return value


def _in_range(at: datetime) -> datetime:
    if not EARLIEST <= at < LATEST:
        raise ValueError("time lies outside 1970-2199")
    return at.astimezone(UTC)


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone has a name such as Asia/Shanghai or UTC") from error


def _day_in_range(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"day lies outside {FIRST_DAY} to {LAST_DAY}")
    return day


def _service_day_in_range(day: date) -> date:
    if not FIRST_SERVICE_DAY <= day <= LAST_SERVICE_DAY:
        raise ValueError(f"service days lie between {FIRST_SERVICE_DAY} and {LAST_SERVICE_DAY}")
    return day


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(clean_name)]
"""Plates, service points, routes, people: normalised, so that what looks the same is the same."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(clean_name)]
"""Tags, seals, codes: the same."""
Note = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_printable)]
When = Annotated[AwareDatetime, Strict(False), BeforeValidator(_no_number), AfterValidator(_in_range)]
"""ISO 8601 with its offset. In a strict body, too: behind a validator, pydantic no longer knows that a text is JSON's."""
Happened = Annotated[When, AfterValidator(require_believable)]
"""When something was weighed or done: neither so old nor so far ahead that its clock must be wrong."""
Day = Annotated[date, Strict(False), BeforeValidator(_no_number), AfterValidator(_day_in_range)]
ServiceDay = Annotated[date, Strict(False), BeforeValidator(_no_number), AfterValidator(_service_day_in_range)]
Month = Annotated[str, StringConstraints(pattern=MONTH_PATTERN)]
Week = Annotated[str, StringConstraints(pattern=WEEK_PATTERN)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
"""A name such as Asia/Shanghai or UTC."""
Datum = Annotated[str, StringConstraints(max_length=200), AfterValidator(datum_of)]
"""By any of its usual names; see `shared.geo.NAMES_OF_DATUMS`."""
Limit = Annotated[int, Field(ge=1, le=1000)]

T = TypeVar("T")


class Page(Answer, Generic[T]):
    """One page of a list; pass `next_cursor` as `cursor` to get the next one."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The key that `encode_cursor` wrote; anything else is a BadRequest."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(key, list) or len(key) != len(kinds):
            raise ValueError("not a key")
        return tuple(_read_part(part, kind) for part, kind in zip(key, kinds, strict=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("cursor is not one that this list gave out; start again without it") from error


def _read_part(part: Any, kind: type) -> Any:
    if kind is datetime:
        return _in_range(datetime.fromisoformat(part))
    if not isinstance(part, kind) or (isinstance(part, str) and part != _printable(part)):
        raise ValueError("not a key")
    if isinstance(part, int) and abs(part) >= 1 << 63:
        raise ValueError("not a key")
    part.encode() if isinstance(part, str) else None
    return part

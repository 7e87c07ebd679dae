"""What request and answer bodies have in common: strict text, finite numbers, aware times, pages."""

import base64
import json
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.errors import BadRequest
from shared.geo import datum_of

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Body(BaseModel):
    """A request body: an unknown field is an error, not silently ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


def _printable(text: str) -> str:
    """PostgreSQL cannot store NUL, and a terminal or a log must not obey what a device called itself."""
    if not text.isprintable() and any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _in_range(at: datetime) -> datetime:
    if not EARLIEST <= at < LATEST:
        raise ValueError("time lies outside 1970-2199")
    return at.astimezone(UTC)


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone has a name such as Asia/Shanghai or UTC") from error


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
Note = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_printable)]
When = Annotated[AwareDatetime, AfterValidator(_in_range)]
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

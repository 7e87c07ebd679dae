"""The only place that reads the clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_frozen: list[datetime] = []


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only grow; for durations inside one process."""
    return time.perf_counter()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Let tests decide what time it is."""
    _frozen.append(require_aware(at))
    try:
        yield
    finally:
        _frozen.pop()


def require_aware(at: datetime) -> datetime:
    """`at` in UTC; a naive datetime is a ValueError, because nobody knows which moment it means."""
    if at.tzinfo is None:
        raise ValueError("datetime without a zone")
    return at.astimezone(UTC)


_city_zone: list[ZoneInfo] = [ZoneInfo("Asia/Shanghai")]


def set_city_zone(zone: ZoneInfo) -> None:
    """Said once by a process: one installation is one city, whose days are local days."""
    _city_zone[:] = [zone]


def city_zone() -> ZoneInfo:
    return _city_zone[0]


def city_day(at: datetime) -> date:
    """The city's local date that `at` falls on; rules begin and end with it."""
    return service_day(at, city_zone())


def service_day(at: datetime, zone: ZoneInfo) -> date:
    """The local date that `at` falls on."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=1000)
def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of `day` and of the day after it, in UTC."""
    start = datetime.combine(day, clock_time(), zone)
    end = datetime.combine(day + timedelta(days=1), clock_time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)

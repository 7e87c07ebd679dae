"""Months, as they are written: 2026-11."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.clock import service_day
from shared.errors import BadRequest


def month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise BadRequest("a period is a month such as 2026-11") from error


def month_of(at: datetime, zone: ZoneInfo) -> date:
    return service_day(at, zone).replace(day=1)


def before(period: date) -> date:
    return date(period.year - 1, 12, 1) if period.month == 1 else period.replace(month=period.month - 1)


def after(period: date) -> date:
    return date(period.year + 1, 1, 1) if period.month == 12 else period.replace(month=period.month + 1)  # noqa: PLR2004


def written(period: date) -> str:
    return f"{period:%Y-%m}"

"""A week's problem list: what inspections found by subdistrict and item, and what became of it."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain.inspections import ItemProblems
from services.evaluation.schemas.inspections import WeekProblem, WeekProblems
from services.evaluation.store import findings as store
from shared.auth import Principal
from shared.clock import day_bounds
from shared.errors import BadRequest
from shared.spreadsheet import Cell, File, Format, Table, export

COLUMNS = {
    "area_id": ("街镇代码", "Subdistrict"),
    "place_type": ("点位类型", "Kind of place"),
    "zh": ("问题", "Problem (zh)"),
    "en": ("问题（英）", "Problem"),
    "severity": ("程度", "Severity"),
    "found": ("发现", "Found"),
    "open": ("未整改", "Open"),
    "overdue": ("逾期", "Overdue"),
    "places": ("点位数", "Places"),
}


async def problems(session: AsyncSession, principal: Principal, week: str, zone: ZoneInfo) -> WeekProblems:
    """Of an ISO week, by the time of finding; what was withdrawn is not in it. The worst first."""
    try:
        year, number = week.split("-W")
        first = date.fromisocalendar(int(year), int(number), 1)
    except ValueError as error:
        raise BadRequest("week is an ISO week such as 2026-W47") from error
    last = first + timedelta(days=6)
    counted = await store.problems(session, principal.scope, day_bounds(first, zone)[0], day_bounds(last, zone)[1])
    return WeekProblems(week=week, first=first, last=last, items=[_named(one, last) for one in counted])


def _named(counted: ItemProblems, day: date) -> WeekProblem:
    item = rulebooks.CHECKLISTS.on(day).item(counted.place_type, counted.item)
    return WeekProblem.describing(counted, zh=item.zh if item else counted.item, en=item.en if item else counted.item)


def file(answer: WeekProblems, kind: Format, zone: ZoneInfo) -> File:
    rows: list[list[Cell]] = [[getattr(item, name) for name in COLUMNS] for item in answer.items]
    return export(Table(f"inspection-problems-{answer.week}", list(COLUMNS.values()), rows, zone), kind)

"""How many complaints there were, how they were dealt with, and where they come again and again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain import figures as rules
from services.complaint.domain.figures import Counts, CrowdedCell, Period, Problem
from services.complaint.domain.filters import CaseFilters
from services.complaint.domain.similarity import centre_of
from services.complaint.schemas.figures import FigureRow, FiguresAnswer, GroupBy, ProblemList, ProblemRow, SpotAnswer, SpotsAnswer
from services.complaint.store import figures as store
from shared.auth import Principal
from shared.bodies import FIRST_DAY, LAST_DAY
from shared.clock import day_bounds, now
from shared.errors import BadRequest, Invalid
from shared.spreadsheet import Cell, File, Format, Table, export

MOST_DAYS = 3700
SHOWN_SPOTS = 50


async def figures(
    session: AsyncSession, principal: Principal, period: Period, by: GroupBy, filters: CaseFilters, zone: ZoneInfo
) -> FiguresAnswer:
    """By the day of the report. Void cases do not count."""
    _require_period(period)
    before, year = rules.previous(period), rules.year_before(period)
    counts = await _counted(session, principal, period, by, filters, zone)
    then = await _compared(session, principal, before, by, filters, zone)
    then_year = await _compared(session, principal, year, by, filters, zone)
    totals = sum(one.cases for one in counts.values()), sum(then.values()), sum(then_year.values())
    if by == "month":
        then, then_year = {}, await _months_of_year_before(session, principal, counts, filters, zone)
    keys = sorted({*counts, *then, *then_year})
    nothing = Counts()
    ranks = rules.ranked({key: counts.get(key, nothing).cases for key in keys})
    items = [_figure(key, counts.get(key, nothing), then.get(key, 0), then_year.get(key, 0), ranks[key]) for key in keys]
    zh, en = _sentence(*totals, items, by)
    return FiguresAnswer(
        first=period.first,
        last=period.last,
        previous_first=before.first,
        previous_last=before.last,
        by=by,
        items=items,
        sentence_zh=zh,
        sentence_en=en,
    )


def _require_period(period: Period) -> None:
    if period.last < period.first:
        raise BadRequest("`to` lies before `from`")
    if (period.last - period.first).days > MOST_DAYS:
        raise BadRequest(f"ask for at most {MOST_DAYS} days at once")


def _bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return day_bounds(period.first, zone)[0], day_bounds(period.last, zone)[1]


async def _counted(
    session: AsyncSession, principal: Principal, period: Period, by: str, filters: CaseFilters, zone: ZoneInfo
) -> dict[str, Counts]:
    at = now()
    if by != "month":
        return await store.count(session, principal, by, filters, *_bounds(period, zone), at)
    by_month = {}
    for month in rules.months_of(period):
        counts = await store.count(session, principal, "all", filters, *_bounds(month, zone), at)
        by_month[f"{month.first:%Y-%m}"] = counts[store.WHOLE]
    return by_month


async def _compared(
    session: AsyncSession, principal: Principal, period: Period, by: str, filters: CaseFilters, zone: ZoneInfo
) -> dict[str, int]:
    group = "all" if by == "month" else by
    counts = await store.count(session, principal, group, filters, *_bounds(period, zone), now())
    return {key: one.cases for key, one in counts.items()}


async def _months_of_year_before(
    session: AsyncSession, principal: Principal, months: Iterable[str], filters: CaseFilters, zone: ZoneInfo
) -> dict[str, int]:
    cases = {}
    for key in months:
        first = date.fromisoformat(f"{key}-01")
        month = rules.year_before(rules.months_of(Period(first, first + timedelta(days=31)))[0])
        counts = await store.count(session, principal, "all", filters, *_bounds(month, zone), now())
        cases[key] = counts[store.WHOLE].cases
    return cases


def _figure(key: str, counts: Counts, previous: int, year_before: int, rank: int) -> FigureRow:
    rates = counts.rates()
    return FigureRow(
        key=key,
        cases=counts.cases,
        open=counts.open,
        overdue=counts.overdue,
        closed=counts.closed,
        pressed=counts.pressed,
        escalated=counts.escalated,
        previous=previous,
        year_before=year_before,
        change=counts.cases - previous,
        change_to_year_before=counts.cases - year_before,
        rank=rank,
        response_rate=rates.response_rate,
        resolution_rate=rates.resolution_rate,
        satisfaction_rate=rates.satisfaction_rate,
        on_time_rate=rates.on_time_rate,
        first_time_right_rate=rates.first_time_right_rate,
    )


def _sentence(cases: int, previous: int, year_before: int, items: list[FigureRow], by: str) -> tuple[str, str]:
    """「受理诉求425件，比去年同期多87件…」"""
    change, yearly = cases - previous, cases - year_before
    zh = f"共受理诉求{cases}件，比上期{'多' if change >= 0 else '少'}{abs(change)}件"
    zh += f"，比去年同期{'多' if yearly >= 0 else '少'}{abs(yearly)}件"
    en = f"{cases} complaints, {abs(change)} {'more' if change >= 0 else 'fewer'} than in the period before"
    en += f" and {abs(yearly)} {'more' if yearly >= 0 else 'fewer'} than a year ago"
    if by in {"all", "month"} or not items:
        return zh + "。", en + "."
    most = min(items, key=lambda row: (row.rank, row.key))
    return f"{zh}；{most.key or '未知'}最多，{most.cases}件。", f"{en}; {most.key or 'unknown'} has the most, {most.cases}."


async def hot_spots(
    session: AsyncSession, principal: Principal, period: Period, filters: CaseFilters, zone: ZoneInfo
) -> SpotsAnswer:
    """Where much is complained about, and where the same thing is complained about again; joined cases count once."""
    _require_period(period)
    start, end = _bounds(period, zone)
    limits = rulebooks.INTAKE_RULES.at(now())
    hot = await store.crowded(session, principal, filters, start, end, limits.hot_spot_cases, SHOWN_SPOTS, by_category=False)
    again = await store.crowded(session, principal, filters, start, end, limits.repeat_cases, SHOWN_SPOTS, by_category=True)
    return SpotsAnswer(hot_spots=[_spot(crowded) for crowded in hot], repeated=[_spot(crowded) for crowded in again])


def _spot(crowded: CrowdedCell) -> SpotAnswer:
    lon, lat = centre_of(crowded.cell)
    return SpotAnswer.describing(crowded, lon=lon, lat=lat)


async def problem_list(
    session: AsyncSession, principal: Principal, week: str, filters: CaseFilters, zone: ZoneInfo
) -> ProblemList:
    try:
        period = rules.week_of(week)
    except ValueError as error:
        raise BadRequest("week is an ISO week such as 2026-W47") from error
    if not FIRST_DAY <= period.first <= period.last <= LAST_DAY:
        raise Invalid(f"week lies outside {FIRST_DAY} to {LAST_DAY}")
    at = now()
    problems = await store.problems(session, principal, filters, *_bounds(period, zone), at)
    items = [_problem(problem, at) for problem in problems]
    return ProblemList(week=week, first=period.first, last=period.last, items=items)


def _problem(problem: Problem, at: datetime) -> ProblemRow:
    category = rulebooks.category(problem.category, at)
    return ProblemRow.describing(
        problem, category_zh=category.zh if category else "", category_en=category.en if category else ""
    )


# --- to be taken away -------------------------------------------------------------------------------------------

OF_FIGURE = {
    "key": ("分组", "Group"),
    "cases": ("受理件数", "Cases"),
    "previous": ("上期", "Period before"),
    "change": ("较上期", "Change"),
    "year_before": ("去年同期", "Year before"),
    "change_to_year_before": ("较去年同期", "Change to year before"),
    "rank": ("排名", "Rank"),
    "open": ("未办结", "Open"),
    "overdue": ("超时", "Overdue"),
    "closed": ("已结案", "Closed"),
    "pressed": ("督办", "Pressed"),
    "escalated": ("升级", "Escalated"),
    "response_rate": ("响应率", "Response rate"),
    "resolution_rate": ("解决率", "Resolution rate"),
    "satisfaction_rate": ("满意率", "Satisfaction rate"),
    "on_time_rate": ("按时办结率", "On-time rate"),
    "first_time_right_rate": ("一次完成率", "First time right"),
}
OF_PROBLEM = {
    "street": ("街镇", "Subdistrict"),
    "category_zh": ("类别", "Category (zh)"),
    "category_en": ("类别（英）", "Category"),
    "cases": ("件数", "Cases"),
    "open": ("未办结", "Open"),
    "overdue": ("超时", "Overdue"),
    "sent_back": ("返工", "Sent back"),
}


def figures_file(answer: FiguresAnswer, kind: Format, zone: ZoneInfo) -> File:
    rows: list[list[Cell]] = [[getattr(item, name) for name in OF_FIGURE] for item in answer.items]
    return export(Table(f"complaints-{answer.by}-{answer.first}-{answer.last}", list(OF_FIGURE.values()), rows, zone), kind)


def problems_file(answer: ProblemList, kind: Format, zone: ZoneInfo) -> File:
    rows: list[list[Cell]] = [[getattr(item, name) for name in OF_PROBLEM] for item in answer.items]
    return export(Table(f"problem-list-{answer.week}", list(OF_PROBLEM.values()), rows, zone), kind)

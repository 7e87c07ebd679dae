"""How many complaints there were, how they were dealt with, and where they come again and again."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import figures as rules
from services.complaint.domain.figures import Period
from services.complaint.domain.similarity import centre_of
from services.complaint.schemas.figures import FigureRow, FiguresAnswer, GroupBy, ProblemList, ProblemRow, SpotAnswer, SpotsAnswer
from services.complaint.store import figures as store
from shared.auth import Principal
from shared.bodies import FIRST_DAY, LAST_DAY
from shared.clock import day_bounds, now
from shared.errors import BadRequest, Invalid
from shared.spreadsheet import Cell, File, Format, Table, export

Row = dict[str, Any]
MOST_DAYS = 3700
SHOWN_SPOTS = 50


async def figures(
    session: AsyncSession, principal: Principal, period: Period, by: GroupBy, filters: Row, zone: ZoneInfo
) -> FiguresAnswer:
    """By the day of the report. Void cases do not count."""
    _require_period(period)
    before, year = rules.previous(period), rules.year_before(period)
    counts = await _counted(session, principal, period, by, filters, zone)
    then = await _compared(session, principal, before, by, filters, zone)
    then_year = await _compared(session, principal, year, by, filters, zone)
    totals = sum(row["cases"] for row in counts.values()), sum(then.values()), sum(then_year.values())
    if by == "month":
        then, then_year = {}, await _months_of_year_before(session, principal, counts, filters, zone)
    keys = sorted({*counts, *then, *then_year})
    nothing = dict.fromkeys(store.COUNTED, 0)
    ranks = rules.ranked({key: counts.get(key, nothing)["cases"] for key in keys})
    items = [_row(key, counts.get(key, nothing), then.get(key, 0), then_year.get(key, 0), ranks[key]) for key in keys]
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
    session: AsyncSession, principal: Principal, period: Period, by: str, filters: Row, zone: ZoneInfo
) -> dict[str, Row]:
    at = now()
    if by != "month":
        return await store.count(session, principal, by, filters, *_bounds(period, zone), at)
    found: dict[str, Row] = {}
    for month in rules.months_of(period):
        counts = await store.count(session, principal, "all", filters, *_bounds(month, zone), at)
        found[f"{month.first:%Y-%m}"] = counts[""]
    return found


async def _compared(
    session: AsyncSession, principal: Principal, period: Period, by: str, filters: Row, zone: ZoneInfo
) -> dict[str, int]:
    counts = await store.count(session, principal, "all" if by == "month" else by, filters, *_bounds(period, zone), now())
    return {key: row["cases"] for key, row in counts.items()}


async def _months_of_year_before(
    session: AsyncSession, principal: Principal, months: dict[str, Row], filters: Row, zone: ZoneInfo
) -> dict[str, int]:
    found = {}
    for key in months:
        first = date.fromisoformat(f"{key}-01")
        month = rules.year_before(rules.months_of(Period(first, first + timedelta(days=31)))[0])
        counts = await store.count(session, principal, "all", filters, *_bounds(month, zone), now())
        found[key] = counts[""]["cases"]
    return found


def _row(key: str, counts: Row, previous: int, year_before: int, rank: int) -> FigureRow:
    return FigureRow.model_validate(
        counts
        | rules.rates(counts)
        | {
            "key": key,
            "previous": previous,
            "year_before": year_before,
            "rank": rank,
            "change": counts["cases"] - previous,
            "change_to_year_before": counts["cases"] - year_before,
        }
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


async def hot_spots(session: AsyncSession, principal: Principal, period: Period, filters: Row, zone: ZoneInfo) -> SpotsAnswer:
    """Where much is complained about, and where the same thing is complained about again; joined cases count once."""
    _require_period(period)
    start, end = _bounds(period, zone)
    limits = reference.intake_rules(now())
    hot = await store.crowded(session, principal, filters, start, end, limits.hot_spot_cases, SHOWN_SPOTS, by_category=False)
    again = await store.crowded(session, principal, filters, start, end, limits.repeat_cases, SHOWN_SPOTS, by_category=True)
    return SpotsAnswer(hot_spots=[_spot(row) for row in hot], repeated=[_spot(row) for row in again])


def _spot(row: Row) -> SpotAnswer:
    lon, lat = centre_of(row["cell"])
    return SpotAnswer.model_validate(row | {"lon": lon, "lat": lat, "category": row.get("category")})


async def problem_list(session: AsyncSession, principal: Principal, week: str, filters: Row, zone: ZoneInfo) -> ProblemList:
    try:
        period = rules.week_of(week)
    except ValueError as error:
        raise BadRequest("week is an ISO week such as 2026-W47") from error
    if not FIRST_DAY <= period.first <= period.last <= LAST_DAY:
        raise Invalid(f"week lies outside {FIRST_DAY} to {LAST_DAY}")
    at = now()
    rows = await store.problems(session, principal, filters, *_bounds(period, zone), at)
    return ProblemList(week=week, first=period.first, last=period.last, items=[_problem(row, at) for row in rows])


def _problem(row: Row, at: datetime) -> ProblemRow:
    category = reference.category(row["category"], at)
    names = {"category_zh": category.zh, "category_en": category.en} if category else {"category_zh": "", "category_en": ""}
    return ProblemRow.model_validate(row | names)


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

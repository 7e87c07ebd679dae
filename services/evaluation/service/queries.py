"""What third parties read: the index, an area's breakdown down to observations, its history, how it is worked out."""

from datetime import date
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import parquet, reference
from services.evaluation.schemas.index import (
    BreakdownAnswer,
    HistoryAnswer,
    HistoryRow,
    IndexPage,
    IndexRow,
    MethodologyAnswer,
    ObservationAnswer,
    PublicationAnswer,
    SourceAnswer,
)
from services.evaluation.service import index, periods
from services.evaluation.store import index as store
from shared.assessment import AreaLevel
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import service_day
from shared.errors import NotFound
from shared.spreadsheet import File, Table, export

CSV_COLUMNS = [
    ("排名", "rank"),
    ("代码", "area_id"),
    ("名称", "name_zh"),
    ("英文名称", "name_en"),
    ("指数", "index"),
    ("指数(四位)", "index_4"),
    ("等级", "grade"),
    ("置信半宽", "half_width"),
    ("进步指数", "progress"),
    ("进步排名", "progress_rank"),
    ("万人诉求", "complaints_per_10k"),
]


async def published(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> dict[str, Any]:
    """The head of a publication, without its content."""
    return _there(await store.head(session, level.value, period, revision))


async def document(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> str:
    """The very text that sha256 is of."""
    content: str = _there(await store.publication(session, level.value, period, revision))["content"]
    return content


def _there(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise NotFound("nothing is published of this period, level and revision")
    return row


async def page(session: AsyncSession, head: dict[str, Any], cursor: str | None, limit: int) -> IndexPage:
    [after] = decode_cursor(cursor, int) or (0,)
    rows = await store.rows_after(session, head["level"], head["period"], head["revision"], after, limit + 1)
    more = len(rows) > limit
    return IndexPage(
        level=head["level"],
        period=periods.written(head["period"]),
        revision=head["revision"],
        status="published",
        sha256=head["sha256"],
        methodology=reference.methodology(head["period"]).valid_from.isoformat(),
        items=[IndexRow.model_validate(one["row"]) for one in rows[:limit]],
        next_cursor=encode_cursor(rows[limit - 1]["position"]) if more else None,
    )


async def provisional(session: AsyncSession, level: AreaLevel, period: date) -> IndexPage:
    made = await index.document(session, level, period)
    rows = [IndexRow.model_validate(row) for row in made["areas"]]
    return IndexPage(
        level=level,
        period=made["period"],
        revision=0,
        status="provisional",
        sha256=None,
        methodology=made["methodology"],
        items=rows,
    )


async def as_file(session: AsyncSession, head: dict[str, Any], kind: Literal["csv", "parquet"], zone: ZoneInfo) -> File:
    """All areas, whatever page was asked for."""
    rows = [one["row"] for one in await store.rows_after(session, head["level"], head["period"], head["revision"], 0, 10_000)]
    period = periods.written(head["period"])
    name = f"cleanliness-index-{head['level']}-{period}-r{head['revision']}"
    if kind == "parquet":
        about = {"level": head["level"], "period": period, "revision": str(head["revision"]), "sha256": head["sha256"]}
        return parquet.written(name, rows, about)
    return export(Table(name, CSV_COLUMNS, [[row[key] for _, key in CSV_COLUMNS] for row in rows], zone), "csv")


async def breakdown(
    session: AsyncSession, head: dict[str, Any], area_id: str, cursor: str | None, limit: int, zone: ZoneInfo
) -> BreakdownAnswer:
    row = await store.row_of_area(session, head["level"], head["period"], head["revision"], area_id)
    if row is None:
        raise NotFound("the published index has no such area")
    after = cast("tuple[int, str, str] | None", decode_cursor(cursor, int, str, str))
    rows = await store.observations(session, head["period"], area_id, head["as_of_seq"], after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return BreakdownAnswer(
        level=head["level"],
        period=periods.written(head["period"]),
        revision=head["revision"],
        row=IndexRow.model_validate(row),
        observations=[_observation(one, zone) for one in rows[:limit]],
        next_cursor=encode_cursor(last["seq"], last["fact"], last["kind"]) if last else None,
    )


def _observation(row: dict[str, Any], zone: ZoneInfo) -> ObservationAnswer:
    return ObservationAnswer(
        observation_id=row["observation_id"],
        kind=row["kind"],
        area_id=row["area_id"],
        day=service_day(row["at"], zone),
        value_e4=row["value_e4"],
        detail=row["detail"],
    )


async def source(session: AsyncSession, principal: Principal, observation_id: str) -> SourceAnswer:
    row = await store.observation(session, observation_id)
    if row is None or not principal.sees(district_id=row["area_id"]):
        raise NotFound("no such observation")
    return SourceAnswer.model_validate(row)


async def history(session: AsyncSession, area_id: str) -> HistoryAnswer:
    rows = await store.history(session, area_id)
    return HistoryAnswer(
        area_id=area_id,
        items=[
            HistoryRow(period=periods.written(one["period"]), revision=one["revision"], row=IndexRow.model_validate(one["row"]))
            for one in rows
        ],
    )


async def changes(session: AsyncSession, after: int, limit: int) -> Page[PublicationAnswer]:
    rows = await store.published_after(session, after, limit + 1)
    items = [PublicationAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=str(items[-1].number) if len(rows) > limit else None)


def methodologies() -> Page[MethodologyAnswer]:
    return Page(
        items=[
            MethodologyAnswer(
                version=one.valid_from,
                source=one.source,
                parts=dict(one.parts),
                operation=dict(one.operation),
                place_types=dict(one.place_types),
                grades=[list(band) for band in one.grades],
                ties=one.ties,
                points_per_complaint=one.points_per_complaint,
                cross_check=dict(one.cross_check),
                appeal_days=one.appeal_days,
            )
            for one in reference.methodologies()
        ]
    )

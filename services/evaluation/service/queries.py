"""What third parties read: the index, an area's breakdown down to observations, its history, how it is worked out."""

from datetime import date
from typing import Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import parquet, rulebooks
from services.evaluation.domain.observations import Observation
from services.evaluation.domain.publications import PublicationHead
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
from services.evaluation.store import publications as publication_store
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
NOTHING_PUBLISHED = "nothing is published of this period, level and revision"


async def published(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> PublicationHead:
    head = await publication_store.head(session, level, period, revision)
    if head is None:
        raise NotFound(NOTHING_PUBLISHED)
    return head


async def document(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> str:
    """The very text that sha256 is of."""
    publication = await publication_store.publication(session, level, period, revision)
    if publication is None:
        raise NotFound(NOTHING_PUBLISHED)
    return publication.content


async def page(session: AsyncSession, head: PublicationHead, cursor: str | None, limit: int) -> IndexPage:
    [after] = decode_cursor(cursor, int) or (0,)
    figures = await publication_store.figures_after(session, head, after, limit + 1)
    more = len(figures) > limit
    return IndexPage(
        level=head.level,
        period=periods.written(head.period),
        revision=head.revision,
        status="published",
        sha256=head.sha256,
        methodology=rulebooks.METHODOLOGY.on(head.period).valid_from.isoformat(),
        items=[IndexRow.model_validate(one.row) for one in figures[:limit]],
        next_cursor=encode_cursor(figures[limit - 1].position) if more else None,
    )


async def provisional(session: AsyncSession, level: AreaLevel, period: date) -> IndexPage:
    made = await index.document(session, level, period)
    return IndexPage(
        level=level,
        period=made.period,
        revision=0,
        status="provisional",
        sha256=None,
        methodology=made.methodology,
        items=[IndexRow.model_validate(figure) for figure in made.areas],
    )


async def as_file(session: AsyncSession, head: PublicationHead, kind: Literal["csv", "parquet"], zone: ZoneInfo) -> File:
    """All areas, whatever page was asked for."""
    figures = [one.row for one in await publication_store.figures_after(session, head, 0, index.MOST_AREAS)]
    period = periods.written(head.period)
    name = f"cleanliness-index-{head.level}-{period}-r{head.revision}"
    if kind == "parquet":
        about = {"level": head.level.value, "period": period, "revision": str(head.revision), "sha256": head.sha256}
        return parquet.written(name, figures, about)
    cells = [[getattr(figure, key) for _, key in CSV_COLUMNS] for figure in figures]
    return export(Table(name, CSV_COLUMNS, cells, zone), "csv")


async def breakdown(
    session: AsyncSession, head: PublicationHead, area_id: str, cursor: str | None, limit: int, zone: ZoneInfo
) -> BreakdownAnswer:
    figure = await publication_store.figure_of_area(session, head, area_id)
    if figure is None:
        raise NotFound("the published index has no such area")
    after = cast("tuple[int, str, str] | None", decode_cursor(cursor, int, str, str))
    observations = await store.observations(session, head.period, area_id, head.as_of_seq, after, limit + 1)
    last = observations[limit - 1] if len(observations) > limit else None
    return BreakdownAnswer(
        level=head.level,
        period=periods.written(head.period),
        revision=head.revision,
        row=IndexRow.model_validate(figure),
        observations=[_observation(one, zone) for one in observations[:limit]],
        next_cursor=encode_cursor(last.seq, last.fact, last.kind) if last else None,
    )


def _observation(observation: Observation, zone: ZoneInfo) -> ObservationAnswer:
    return ObservationAnswer.describing(observation, day=service_day(observation.at, zone))


async def source(session: AsyncSession, principal: Principal, observation_id: str) -> SourceAnswer:
    observation = await store.observation(session, observation_id)
    if observation is None or not principal.sees(district_id=observation.area_id):
        raise NotFound("no such observation")
    return SourceAnswer.model_validate(observation)


async def history(session: AsyncSession, area_id: str) -> HistoryAnswer:
    items = [
        HistoryRow.describing(figure, period=periods.written(figure.period))
        for figure in await publication_store.history(session, area_id)
    ]
    return HistoryAnswer(area_id=area_id, items=items)


async def changes(session: AsyncSession, after: int, limit: int) -> Page[PublicationAnswer]:
    heads = await publication_store.published_after(session, after, limit + 1)
    items = [PublicationAnswer.model_validate(head) for head in heads[:limit]]
    return Page(items=items, next_cursor=str(items[-1].number) if len(heads) > limit else None)


def methodologies() -> Page[MethodologyAnswer]:
    return Page(items=[MethodologyAnswer.describing(one, version=one.valid_from) for one in rulebooks.METHODOLOGY.versions])

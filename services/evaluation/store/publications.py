"""What was published, and appeals against it."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.publications import (
    OPEN,
    AreaFigure,
    IndexAppeal,
    IndexDocument,
    Publication,
    PublicationHead,
    PublishedFigure,
)
from services.evaluation.tables.index import IndexAppealRow, PublicationRow, PublishedRow
from shared.assessment import AreaLevel
from shared.db import insert_new
from shared.rows import columns_of, from_json, many, one, table_of, to_row

PUBLISHED, FIGURE, APPEAL = table_of(PublicationRow), table_of(PublishedRow), table_of(IndexAppealRow)
FIGURE_COLUMNS = columns_of(PublishedFigure, FIGURE)
H = TypeVar("H", bound=PublicationHead)


async def publication(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> Publication | None:
    """Without a revision: the newest."""
    return await _publication(session, Publication, level, period, revision)


async def head(session: AsyncSession, level: AreaLevel, period: date, revision: int | None) -> PublicationHead | None:
    return await _publication(session, PublicationHead, level, period, revision)


async def _publication(session: AsyncSession, kind: type[H], level: AreaLevel, period: date, revision: int | None) -> H | None:
    query = select(*columns_of(kind, PUBLISHED)).where(PUBLISHED.c.level == level.value, PUBLISHED.c.period == period)
    if revision is not None:
        query = query.where(PUBLISHED.c.revision == revision)
    return await one(session, kind, query.order_by(PUBLISHED.c.revision.desc()).limit(1))


def document_of(publication: Publication) -> IndexDocument:
    return from_json(IndexDocument, publication.content)


async def add_publication(session: AsyncSession, publication: Publication, figures: Sequence[AreaFigure]) -> None:
    """`figures`: in the order of the document."""
    await insert_new(session, PublicationRow, [to_row(publication)])
    key = {"level": publication.level.value, "period": publication.period, "revision": publication.revision}
    await insert_new(
        session,
        PublishedRow,
        [key | {"position": n, "area_id": figure.area_id, "row": figure} for n, figure in enumerate(figures, start=1)],
    )


async def figures_after(session: AsyncSession, head: PublicationHead, after: int, limit: int) -> list[PublishedFigure]:
    c = FIGURE.c
    query = select(*FIGURE_COLUMNS).where(
        c.level == head.level.value, c.period == head.period, c.revision == head.revision, c.position > after
    )
    return await many(session, PublishedFigure, query.order_by(c.position).limit(limit))


async def figure_of_area(session: AsyncSession, head: PublicationHead, area_id: str) -> AreaFigure | None:
    c = FIGURE.c
    query = select(*FIGURE_COLUMNS).where(
        c.level == head.level.value, c.period == head.period, c.revision == head.revision, c.area_id == area_id
    )
    published = await one(session, PublishedFigure, query)
    return None if published is None else published.row


async def history(session: AsyncSession, area_id: str) -> list[PublishedFigure]:
    """Every published figure of an area, corrected ones too."""
    c = FIGURE.c
    query = select(*FIGURE_COLUMNS).where(c.area_id == area_id)
    return await many(session, PublishedFigure, query.order_by(c.period, c.revision))


async def published_after(session: AsyncSession, number: int, limit: int) -> list[PublicationHead]:
    query = select(*columns_of(PublicationHead, PUBLISHED)).where(PUBLISHED.c.number > number)
    return await many(session, PublicationHead, query.order_by(PUBLISHED.c.number).limit(limit))


# --- appeals ----------------------------------------------------------------------------------------------------


async def add_appeal(session: AsyncSession, appeal: IndexAppeal) -> None:
    await insert_new(session, IndexAppealRow, [to_row(appeal)])


async def appeal(session: AsyncSession, appeal_id: str) -> IndexAppeal | None:
    return await one(session, IndexAppeal, select(*columns_of(IndexAppeal, APPEAL)).where(APPEAL.c.appeal_id == appeal_id))


async def save_decision(session: AsyncSession, appeal: IndexAppeal) -> bool:
    """False when somebody decided it meanwhile."""
    changed = update(APPEAL).where(APPEAL.c.appeal_id == appeal.appeal_id, APPEAL.c.status == OPEN)
    values = {"status": appeal.status, "answer": appeal.answer, "decided_at": appeal.decided_at}
    saved = await session.execute(changed.values(**values).returning(APPEAL.c.appeal_id))
    return saved.first() is not None


async def appeals(session: AsyncSession) -> list[IndexAppeal]:
    query = select(*columns_of(IndexAppeal, APPEAL)).order_by(APPEAL.c.filed_at.desc()).limit(1000)
    return await many(session, IndexAppeal, query)


async def open_appeals(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).where(APPEAL.c.status == OPEN))).scalar_one())

"""The index of a month: provisional while data comes, published once, corrected only by a new revision."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain import index as rules
from services.evaluation.domain.canonical import sha256
from services.evaluation.domain.index import Measured, Methodology, Sum, Sums
from services.evaluation.domain.publications import Area, AreaFigure, IndexDocument, Previous, Publication, PublicationHead
from services.evaluation.schemas.index import PublicationAnswer, PublishBody
from services.evaluation.service import periods
from services.evaluation.store import index as store
from services.evaluation.store import publications as publication_store
from shared.assessment import AreaLevel
from shared.auth import Principal
from shared.clock import now
from shared.districts import DISTRICT_DIGITS
from shared.errors import Conflict, Invalid
from shared.events.evaluation import IndexPublished
from shared.outbox import publish as tell

NOTHING = Sum(0, 0, 0)
MOST_AREAS = 10_000


async def document(
    session: AsyncSession, level: AreaLevel, period: date, revision: int = 0, reason: str | None = None
) -> IndexDocument:
    """Revision 0 is provisional."""
    method = rulebooks.METHODOLOGY.on(period)
    areas = {area.area_id: area for area in await store.areas(session, level)}
    sums = pooled(await store.sums(session, period), areas)
    measured = {area_id: rules.measure(method, sums[area_id], area.residents) for area_id, area in areas.items()}
    earlier = await publication_store.head(session, level, periods.before(period), None)
    before = await _exact_values(session, earlier) if earlier else {}
    figures = [
        _figure(areas[area_id], rank, measured[area_id], before.get(area_id), sums[area_id], method)
        for area_id, rank in rules.ranked({area_id: one.index for area_id, one in measured.items()})
    ]
    return IndexDocument(
        level=level,
        period=periods.written(period),
        revision=revision,
        reason=reason,
        methodology=method.valid_from.isoformat(),
        areas=tuple(_ranked_by_progress(figures)),
        previous=Previous(revision=earlier.revision, sha256=earlier.sha256) if earlier else None,
    )


def _figure(
    area: Area, rank: int | None, measured: Measured, before: Fraction | None, sums: Sums, method: Methodology
) -> AreaFigure:
    """`before`: its index of the month before."""
    progress = None if measured.index is None or before is None else measured.index - before
    return AreaFigure(
        area_id=area.area_id,
        name_zh=area.name_zh,
        name_en=area.name_en,
        residents=area.residents,
        rank=rank,
        index=rules.shown(measured.index),
        index_4=rules.shown(measured.index, 4),
        index_exact=None if measured.index is None else str(measured.index),
        grade=rules.grade(method, measured.index),
        half_width=rules.shown(measured.half_width),
        progress=rules.shown(progress, 4),
        progress_exact=None if progress is None else str(progress),
        progress_rank=None,
        parts=_shown(measured.parts),
        operation=_shown(measured.operation),
        place_types=_shown(measured.place_types),
        complaints_per_10k=rules.shown(measured.complaints_per_10k, 4),
        flags=tuple(rules.flags(method, measured)),
        sums=sums,
    )


def _shown(values: Mapping[str, Fraction]) -> dict[str, str]:
    return {name: rules.rounded(value, 4) for name, value in values.items()}


def pooled(sums: Mapping[str, Mapping[str, Sum]], areas: Collection[str]) -> dict[str, Sums]:
    """An area has what was seen in it and in all that lies within it: a subdistrict's code begins with its district's."""
    by_area: dict[str, dict[str, Sum]] = {area_id: {} for area_id in areas}
    for other, by_kind in sums.items():
        for area_id in {other, other[:DISTRICT_DIGITS]} & by_area.keys():
            for kind, one in by_kind.items():
                before = by_area[area_id].get(kind, NOTHING)
                by_area[area_id][kind] = Sum(before.n + one.n, before.total + one.total, before.squares + one.squares)
    return {area_id: dict(sorted(kinds.items())) for area_id, kinds in by_area.items()}


def _ranked_by_progress(figures: list[AreaFigure]) -> list[AreaFigure]:
    values = {figure.area_id: Fraction(figure.progress_exact) if figure.progress_exact else None for figure in figures}
    ranks = dict(rules.ranked(values))
    return [replace(figure, progress_rank=ranks[figure.area_id]) for figure in figures]


async def _exact_values(session: AsyncSession, published: PublicationHead) -> dict[str, Fraction]:
    figures = [one.row for one in await publication_store.figures_after(session, published, 0, MOST_AREAS)]
    return {figure.area_id: Fraction(figure.index_exact) for figure in figures if figure.index_exact}


async def publish(
    session: AsyncSession, principal: Principal, level: AreaLevel, period: date, body: PublishBody
) -> PublicationAnswer:
    """Publishing what was published already changes nothing; another result needs a reason and becomes the next revision."""
    seq = await store.next_seq(session)  # and nobody posts or publishes beside us
    last = await publication_store.publication(session, level, period, None)
    revision = last.revision + 1 if last else 1
    made = await document(session, level, period, revision, body.reason if last else None)
    if not made.has_an_index:
        raise Invalid("no area has an index in this period; register areas and inspect places first", code="nothing_to_publish")
    if last is not None:
        if made.says_the_same(publication_store.document_of(last)):
            return PublicationAnswer.model_validate(last)
        if not body.reason:
            raise Conflict("this period is published; a correction names its reason", code="already_published")
        made = replace(made, corrects=last.sha256)
    publication = _publication(made, period, seq, principal.token_id)
    await publication_store.add_publication(session, publication, made.areas)
    await tell(session, *(event_of(publication, figure) for figure in made.areas))
    return PublicationAnswer.model_validate(publication)


def _publication(made: IndexDocument, period: date, seq: int, actor: str) -> Publication:
    content, at = made.content(), now()
    return Publication(
        level=made.level,
        period=period,
        revision=made.revision,
        number=seq,
        as_of_seq=seq,
        sha256=sha256(content),
        content=content,
        reason=made.reason,
        actor=actor,
        published_at=at,
        appeal_until=at + timedelta(days=rulebooks.METHODOLOGY.on(period).appeal_days),
    )


def event_of(publication: PublicationHead, figure: AreaFigure) -> IndexPublished:
    return IndexPublished(
        level=publication.level,
        period=publication.period,
        revision=publication.revision,
        area_id=figure.area_id,
        index=figure.index,
        rank=figure.rank,
        grade=figure.grade,
        sha256=publication.sha256,
        published_at=publication.published_at,
    )

"""What the evaluation service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.publications import PublishedFigure
from services.evaluation.service.index import event_of
from services.evaluation.store import publications
from services.evaluation.store.contracts import DEDUCTION
from services.evaluation.store.findings import FINDING
from shared.events.evaluation import DeductionChanged, IndexPublished, InspectionFindingChanged
from shared.snapshots import of_rows, of_type


async def _published(session: AsyncSession, figures: Sequence[PublishedFigure]) -> list[IndexPublished]:
    keys = {(figure.level, figure.period, figure.revision) for figure in figures}
    heads = {key: await publications.head(session, *key) for key in sorted(keys)}
    pairs = ((heads[figure.level, figure.period, figure.revision], figure.row) for figure in figures)
    return [event_of(head, figure) for head, figure in pairs if head is not None]


SNAPSHOTS = (
    of_type(IndexPublished, publications.FIGURE, PublishedFigure, _published),
    of_rows(InspectionFindingChanged, FINDING),
    of_rows(DeductionChanged, DEDUCTION),
)

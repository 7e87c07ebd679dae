"""What the evaluation service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store import index
from services.evaluation.store.contracts import DEDUCTION
from services.evaluation.store.inspections import FINDING
from shared.events.evaluation import DeductionChanged, IndexPublished, InspectionFindingChanged
from shared.snapshots import Row, Snapshot, of_rows


async def _published(session: AsyncSession, rows: Sequence[Row]) -> list[IndexPublished]:
    keys = {(row["level"], row["period"], row["revision"]) for row in rows}
    of = {key: await index.head(session, *key) for key in sorted(keys)}
    return [IndexPublished.model_validate((of[row["level"], row["period"], row["revision"]] or {}) | row["row"]) for row in rows]


SNAPSHOTS = (
    Snapshot(IndexPublished, index.ROW, _published),
    of_rows(InspectionFindingChanged, FINDING),
    of_rows(DeductionChanged, DEDUCTION),
)

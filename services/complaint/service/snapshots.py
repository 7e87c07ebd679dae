"""What the complaint service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.service.cases import changed
from services.complaint.store.cases import CASE
from shared.events.complaint import ComplaintChanged
from shared.snapshots import Row, Snapshot


async def _cases(_: AsyncSession, rows: Sequence[Row]) -> list[ComplaintChanged]:
    return [changed(row) for row in rows]


SNAPSHOTS = (Snapshot(ComplaintChanged, CASE, _cases),)

"""What the complaint service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.cases import Case
from services.complaint.service.cases import changed
from services.complaint.store.filters import CASE
from shared.events.complaint import ComplaintChanged
from shared.snapshots import of_type


async def _changed(_: AsyncSession, cases: Sequence[Case]) -> list[ComplaintChanged]:
    return [changed(case) for case in cases]


SNAPSHOTS = (of_type(ComplaintChanged, CASE, Case, _changed),)

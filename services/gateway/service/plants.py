"""What incineration plants tell: the newest of each intake, exceedance and day; an older one never overwrites it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import store
from shared.events.incinerator import ExceedanceChanged, IntakeChanged, LedgerChanged

Told = ExceedanceChanged | IntakeChanged | LedgerChanged


async def keep_facts(session: AsyncSession, events: Sequence[Told]) -> None:
    newest = {_id(event): event for event in sorted(events, key=lambda event: event.revision)}
    await store.put_plant_facts(session, [_row(fact_id, newest[fact_id]) for fact_id in sorted(newest)])


def _id(event: Told) -> str:
    return f"{event.plant_id}:{event.day}" if isinstance(event, LedgerChanged) else event.subject


def _row(fact_id: str, event: Told) -> tuple[Any, ...]:
    """In the order of store.PLANT_FACT."""
    return event.type, fact_id, event.revision, event.plant_id, event.time, event.model_dump(mode="json")

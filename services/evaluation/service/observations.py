"""What facts say of areas: posted when they come, taken back when they change, never overwritten."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.observations import Observation, Posted, observations_of, say_the_same
from services.evaluation.store import index as store
from shared.ids import derived_id


async def post(session: AsyncSession, facts: Mapping[str, Posted | None]) -> None:
    """What each of these facts says from now on; None: nothing any more."""
    current = await store.current(session, facts)
    gone: list[Observation] = []
    new: list[Observation] = []
    for fact, posted in sorted(facts.items()):
        before, after = current.get(fact, []), observations_of(fact, derived_id("observation", fact), posted)
        if not say_the_same(before, after):
            gone += before
            new += after
    if gone or new:
        seq = await store.next_seq(session)
        await store.replace(session, seq, gone, [replace(observation, seq=seq) for observation in new])

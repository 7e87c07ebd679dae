"""In which condition a furnace line was: what its plant says, kept for good, and the judgement anew."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.marks import OperatingMark
from services.incinerator.schemas.plants import MarkAnswer, MarkBody
from services.incinerator.service.judgements import days_between
from services.incinerator.service.scope import require_line
from services.incinerator.store import emissions
from shared.auth import Principal
from shared.bodies import Page
from shared.clock import now


async def put_mark(session: AsyncSession, principal: Principal, line_id: str, body: MarkBody, zone: ZoneInfo) -> MarkAnswer:
    """The same mark again changes nothing. Days that it touches are judged anew."""
    await require_line(session, principal, line_id)
    at = now()
    # Writers of one line wait for each other at its first day, so that their marks get different numbers.
    days = days_between(body.start, max(body.start, min(body.end or at, at)), zone)
    await emissions.touch_days(session, [(line_id, day) for day in days], at)
    before = await emissions.marks(session, line_id)
    mark = OperatingMark(
        line_id=line_id,
        seq=before[-1].seq + 1 if before else 1,
        start=body.start,
        end=body.end,
        condition=body.condition,
        note=body.note,
        recorded_by=principal.token_id,
        recorded_at=at,
    )
    if before and before[-1].says_the_same(mark):
        return MarkAnswer.model_validate(before[-1])
    await emissions.add_mark(session, mark)
    return MarkAnswer.model_validate(mark)


async def list_marks(session: AsyncSession, principal: Principal, line_id: str) -> Page[MarkAnswer]:
    await require_line(session, principal, line_id)
    return Page(items=[MarkAnswer.model_validate(mark) for mark in await emissions.marks(session, line_id)])

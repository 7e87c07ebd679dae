"""In which condition a furnace line was: what its plant says, kept for good, and the judgement anew."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.schemas.plants import MarkAnswer, MarkBody
from services.incinerator.service.judgements import days_between
from services.incinerator.service.scope import require_line
from services.incinerator.store import emissions
from services.incinerator.tables.emissions import OperatingMark
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
    if before and all(getattr(before[-1], name) == value for name, value in body.model_dump().items()):
        return MarkAnswer.model_validate(before[-1])
    row: dict[str, Any] = body.model_dump() | {
        "line_id": line_id,
        "seq": (before[-1].seq if before else 0) + 1,
        "recorded_by": principal.token_id,
        "recorded_at": at,
    }
    await emissions.add_mark(session, row)
    return MarkAnswer.model_validate(OperatingMark.model_validate(row))


async def list_marks(session: AsyncSession, principal: Principal, line_id: str) -> Page[MarkAnswer]:
    await require_line(session, principal, line_id)
    return Page(items=[MarkAnswer.model_validate(row) for row in await emissions.marks(session, line_id)])

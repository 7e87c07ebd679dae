"""What facts say of areas: posted when they come, taken back when they change, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.index import UNIT
from services.evaluation.store import index as store
from shared.ids import derived_id

FULL, NONE = 100 * UNIT, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`values`: by kind, in ten-thousandths of a point. `detail`: for everybody who may see an observation."""

    period: date
    area_id: str
    at: datetime
    values: Mapping[str, int]
    href: str
    detail: Mapping[str, Any] = field(default_factory=dict)


async def post(session: AsyncSession, facts: Mapping[str, Posted | None]) -> None:
    """What each of these facts says from now on; None: nothing any more."""
    held = await store.current(session, facts)
    gone, new = [], []
    for fact, posted in sorted(facts.items()):
        rows = _rows(fact, posted)
        if [_said(row) for row in rows] != [_said(row) for row in held.get(fact, [])]:
            gone += held.get(fact, [])
            new += rows
    if gone or new:
        seq = await store.next_seq(session)
        await store.replace(session, seq, gone, [row | {"seq": seq} for row in new])


def _rows(fact: str, posted: Posted | None) -> list[dict[str, Any]]:
    if posted is None:
        return []
    return [
        {
            "fact": fact,
            "kind": kind,
            "observation_id": derived_id("observation", fact),
            "period": posted.period,
            "area_id": posted.area_id,
            "value_e4": value,
            "at": posted.at,
            "detail": dict(posted.detail),
            "href": posted.href,
        }
        for kind, value in sorted(posted.values.items())
    ]


def _said(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("kind", "period", "area_id", "value_e4", "detail"))

"""The index of a month: provisional while data comes, published once, corrected only by a new revision."""

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain import index as rules
from services.evaluation.domain.canonical import sha256, written
from services.evaluation.domain.index import Sum, Sums
from services.evaluation.schemas.index import PublicationAnswer, PublishBody
from services.evaluation.service import periods
from services.evaluation.store import index as store
from shared.assessment import AreaLevel
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid
from shared.events.evaluation import IndexPublished
from shared.outbox import publish as tell
from shared.scope import DISTRICT_DIGITS

NOTHING = Sum(0, 0, 0)
SAME = ("areas", "methodology", "previous")
Row = dict[str, Any]


async def document(session: AsyncSession, level: AreaLevel, period: date, revision: int = 0, reason: str | None = None) -> Row:
    """The index as a document of texts and whole numbers: enough to work it out anew. Revision 0 is provisional."""
    method = reference.methodology(period)
    known = {area["area_id"]: area for area in await store.areas(session, level.value)}
    sums = pooled(await store.sums(session, period), known)
    measured = {area_id: rules.measure(method, sums.get(area_id, {}), area["residents"]) for area_id, area in known.items()}
    earlier = await store.head(session, level.value, periods.before(period), None)
    was = await _exact_values(session, earlier) if earlier else {}
    rows = []
    for area_id, rank in rules.ranked({area_id: one.index for area_id, one in measured.items()}):
        one, area = measured[area_id], known[area_id]
        progress = None if one.index is None or was.get(area_id) is None else one.index - was[area_id]
        rows.append(
            {
                "area_id": area_id,
                "name_zh": area["name_zh"],
                "name_en": area["name_en"],
                "residents": area["residents"],
                "rank": rank,
                "index": rules.shown(one.index),
                "index_4": rules.shown(one.index, 4),
                "index_exact": None if one.index is None else str(one.index),
                "grade": rules.grade(method, one.index),
                "half_width": rules.shown(one.half_width),
                "progress": rules.shown(progress, 4),
                "progress_exact": None if progress is None else str(progress),
                "parts": {name: rules.shown(value, 4) for name, value in one.parts.items()},
                "operation": {name: rules.shown(value, 4) for name, value in one.operation.items()},
                "place_types": {name: rules.shown(value, 4) for name, value in one.place_types.items()},
                "complaints_per_10k": rules.shown(one.complaints_per_10k, 4),
                "flags": rules.flags(method, one),
                "sums": {kind: list(amounts) for kind, amounts in sums.get(area_id, {}).items()},
            }
        )
    _rank_progress(rows)
    return {
        "level": level.value,
        "period": periods.written(period),
        "revision": revision,
        "reason": reason,
        "methodology": method.valid_from.isoformat(),
        "areas": rows,
        "previous": {"revision": earlier["revision"], "sha256": earlier["sha256"]} if earlier else None,
    }


def pooled(sums: dict[str, dict[str, Sum]], known: dict[str, Row]) -> dict[str, Sums]:
    """An area has what was seen in it and in all that lies within it: a subdistrict's code begins with its district's."""
    found: dict[str, dict[str, Sum]] = {area_id: {} for area_id in known}
    for other, by_kind in sums.items():
        for area_id in {other, other[:DISTRICT_DIGITS]} & known.keys():
            for kind, amounts in by_kind.items():
                held = found[area_id].get(kind, NOTHING)
                found[area_id][kind] = Sum(held.n + amounts.n, held.total + amounts.total, held.squares + amounts.squares)
    return {area_id: dict(sorted(kinds.items())) for area_id, kinds in found.items()}


def _rank_progress(rows: list[Row]) -> None:
    values = {row["area_id"]: None if row["progress_exact"] is None else Fraction(row["progress_exact"]) for row in rows}
    ranks = dict(rules.ranked(values))
    for row in rows:
        row["progress_rank"] = ranks[row["area_id"]]


async def _exact_values(session: AsyncSession, published: Row) -> dict[str, Fraction]:
    rows = await store.rows_after(session, published["level"], published["period"], published["revision"], 0, 10_000)
    return {one["row"]["area_id"]: Fraction(one["row"]["index_exact"]) for one in rows if one["row"]["index_exact"]}


async def publish(
    session: AsyncSession, principal: Principal, level: AreaLevel, period: date, body: PublishBody
) -> PublicationAnswer:
    """Publishing what was published already changes nothing; another result needs a reason and becomes the next revision."""
    seq = await store.next_seq(session)  # and nobody posts or publishes beside us
    last = await store.publication(session, level.value, period, None)
    revision = last["revision"] + 1 if last else 1
    made = await document(session, level, period, revision, body.reason if last else None)
    if not any(row["index"] for row in made["areas"]):
        raise Invalid("no area has an index in this period; register areas and inspect places first", code="nothing_to_publish")
    if last is not None:
        if _same(last["content"], made):
            return PublicationAnswer.model_validate(last)
        if not body.reason:
            raise Conflict("this period is published; a correction names its reason", code="already_published")
        made["corrects"] = last["sha256"]
    content, at = written(made), now()
    method = reference.methodology(period)
    row = {
        "level": level.value,
        "period": period,
        "revision": revision,
        "number": seq,
        "as_of_seq": seq,
        "sha256": sha256(content),
        "content": content,
        "reason": made["reason"],
        "actor": principal.token_id,
        "published_at": at,
        "appeal_until": at + timedelta(days=method.appeal_days),
    }
    await store.add_publication(session, row, made["areas"])
    await tell(
        session,
        *(
            IndexPublished(
                level=level,
                period=period,
                revision=revision,
                area_id=one["area_id"],
                index=one["index"],
                rank=one["rank"],
                grade=one["grade"],
                sha256=row["sha256"],
                published_at=at,
            )
            for one in made["areas"]
        ),
    )
    return PublicationAnswer.model_validate(row)


def _same(content: str, made: Row) -> bool:
    held = json.loads(content)
    return all(held[name] == made[name] for name in SAME)

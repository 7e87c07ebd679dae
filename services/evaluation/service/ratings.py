"""Ratings that others published: imported with every row's fate told, and held against their own earlier rows."""

import asyncio
from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain import ratings as rules
from services.evaluation.schemas.ratings import (
    DifferenceAnswer,
    RatingAnswer,
    RatingFate,
    RatingHistory,
    RatingImport,
    RatingReport,
    ReproducedAnswer,
    ReproductionAnswer,
)
from services.evaluation.store import ratings as store
from shared.errors import Invalid, NotFound
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused

PER_CENT_E2 = 10_000


async def take(session: AsyncSession, body: RatingImport) -> RatingReport:
    """The same file again changes nothing. A month of an area that stands in the file twice counts once: the first row."""
    rows = await asyncio.to_thread(_rows, body)
    kept, others = _sort(rows)
    stored = {(one.area, one.month): one.values_e4 for one in await store.ratings(session, body.source)}
    changed = [one for one in kept.values() if stored.get((one.area, one.month)) != one.values_e4]
    await store.save(session, body.source, changed)
    unrated = [number for number, one in kept.items() if all(one.values_e4[name] is None for name in rules.FIGURES)]
    return RatingReport(rows=len(rows), stored=len(changed), unchanged=len(kept) - len(changed), unrated=unrated, others=others)


def _rows(body: RatingImport) -> list[rules.RatingRow]:
    columns = {str(field): name for field, name in body.columns.items()}
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        try:
            return list(rules.rows_of(table, columns, body.decimal_mark))
        except rules.WrongFile as error:
            raise Invalid(str(error)) from error


def _sort(rows: Sequence[rules.RatingRow]) -> tuple[dict[int, rules.Rating], list[RatingFate]]:
    kept: dict[int, rules.Rating] = {}
    others: list[RatingFate] = []
    first: dict[tuple[str, date], int] = {}
    for row in rows:
        if row.values_e4 is None:
            others.append(RatingFate(row=row.number, fate="rejected", reason=row.reason or ""))
        elif (here := first.setdefault((row.area, row.month), row.number)) != row.number:
            others.append(RatingFate(row=row.number, fate="duplicate", reason=f"the same area and month as row {here}"))
        else:
            kept[row.number] = rules.Rating(row.area, row.month, row.values_e4)
    return kept, others


async def history(session: AsyncSession, source: str, area: str) -> RatingHistory:
    rows = await store.ratings(session, source, area)
    if not rows:
        raise NotFound("nothing of this area was imported from this source")
    items = [RatingAnswer(month=one.month, values_e4=dict(one.values_e4)) for one in rows]
    return RatingHistory(source=source, area=area, items=items)


async def reproduction(session: AsyncSession, source: str) -> ReproductionAnswer:
    rows = await store.ratings(session, source)
    if not rows:
        raise NotFound("nothing was imported from this source")
    columns = await asyncio.to_thread(rules.reproduce, rows)
    areas = len({one.area for one in rows})
    return ReproductionAnswer(source=source, rows=len(rows), areas=areas, columns=[_answer(one) for one in columns])


def _answer(one: rules.Reproduced) -> ReproducedAnswer:
    agrees = one.fates[rules.AGREES]
    checked = agrees + sum(one.fates[name] for name in rules.DIFFERS)
    share = f"{(whole := agrees * PER_CENT_E2 // checked) // 100}.{whole % 100:02d}" if checked else None
    return ReproducedAnswer(
        column=one.column,
        months_back=one.months_back,
        agrees=agrees,
        share=share,
        both_blank=one.fates[rules.BOTH_BLANK],
        differs={name: one.fates[name] for name in rules.DIFFERS},
        unchecked={name: one.fates[name] for name in rules.UNCHECKED},
        examples=[DifferenceAnswer.model_validate(example) for example in one.examples],
    )

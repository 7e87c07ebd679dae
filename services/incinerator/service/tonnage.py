"""Import of monthly tonnage: every row's fate is told, and the totals are the file's sums."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.tonnage import Columns, Row, WrongFile, rows_of
from services.incinerator.schemas.intake import MaterialTotal, RowFate, TonnageImport, TonnageReport
from services.incinerator.store import intake as store
from shared.errors import Invalid
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused


async def import_tonnage(session: AsyncSession, body: TonnageImport) -> TonnageReport:
    """The same file again changes nothing. A district's month that stands in the file twice counts once: the first row."""
    rows = await asyncio.to_thread(_rows, body)
    known = await store.tonnage(session, body.source)
    kept, others = _sorted_out(rows)
    changed = [row for row in kept if any(_key(f) not in known or known[_key(f)] != (f.grams, f.stream) for f in row.figures)]
    await store.put_tonnage(session, [_stored(body, figure) for row in changed for figure in row.figures])
    return TonnageReport(
        rows=len(rows), stored=len(changed), unchanged=len(kept) - len(changed), others=others, totals=_totals(body, kept)
    )


def _rows(body: TonnageImport) -> list[Row]:
    columns = Columns(body.month, body.district, {name: str(stream) for name, stream in body.materials.items()})
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        try:
            return list(rows_of(table, columns, body.unit, body.decimal_mark))
        except WrongFile as error:
            raise Invalid(str(error)) from error


def _sorted_out(rows: Sequence[Row]) -> tuple[list[Row], list[RowFate]]:
    kept: list[Row] = []
    others: list[RowFate] = []
    first: dict[Any, int] = {}
    for row in rows:
        if row.reason is not None:
            others.append(RowFate(row=row.number, fate="rejected", reason=row.reason))
            continue
        here = (row.figures[0].district, row.figures[0].month)
        if here in first:
            others.append(RowFate(row=row.number, fate="duplicate", reason=f"the same district and month as row {first[here]}"))
        else:
            first[here] = row.number
            kept.append(row)
    return kept, others


def _key(figure: Any) -> tuple[Any, ...]:
    return figure.district, figure.month, figure.material


def _stored(body: TonnageImport, figure: Any) -> dict[str, Any]:
    return {
        "source": body.source,
        "district": figure.district,
        "month": figure.month,
        "material": figure.material,
        "stream": figure.stream,
        "grams": figure.grams,
        "unit": body.unit,
        "as_given": str(figure.as_given),
    }


def _totals(body: TonnageImport, kept: Sequence[Row]) -> list[MaterialTotal]:
    found = []
    for material, stream in body.materials.items():
        figures = [figure for row in kept for figure in row.figures if figure.material == material]
        given = sum((figure.as_given for figure in figures), Decimal(0))
        grams = sum(figure.grams for figure in figures)
        found.append(MaterialTotal(material=material, stream=stream, cells=len(figures), given=str(given), grams=grams))
    return found

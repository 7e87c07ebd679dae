"""Import of monthly tonnage: every row's fate is told, and the totals are the file's sums."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.tonnage import Columns, Figure, Tonnage, TonnageLine, WrongFile, rows_of
from services.incinerator.schemas.intake import MaterialTotal, RowFate, TonnageImport, TonnageReport
from services.incinerator.store import intake as store
from shared.errors import Invalid
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused


async def import_tonnage(session: AsyncSession, body: TonnageImport) -> TonnageReport:
    """The same file again changes nothing. A district's month that stands in the file twice counts once: the first row."""
    lines = await asyncio.to_thread(_lines, body)
    known = await store.tonnage(session, body.source)
    kept, others = _sorted_out(lines)
    changed = [line for line in kept if any(known.get(f.key) != (f.grams, f.stream) for f in line.figures)]
    await store.save_tonnage(session, [_tonnage(body, figure) for line in changed for figure in line.figures])
    return TonnageReport(
        rows=len(lines), stored=len(changed), unchanged=len(kept) - len(changed), others=others, totals=_totals(body, kept)
    )


def _lines(body: TonnageImport) -> list[TonnageLine]:
    columns = Columns(body.month, body.district, body.materials)
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        try:
            return list(rows_of(table, columns, body.unit, body.decimal_mark))
        except WrongFile as error:
            raise Invalid(str(error)) from error


def _sorted_out(lines: Sequence[TonnageLine]) -> tuple[list[TonnageLine], list[RowFate]]:
    kept: list[TonnageLine] = []
    others: list[RowFate] = []
    first: dict[tuple[str, date], int] = {}
    for line in lines:
        if line.reason is not None:
            others.append(RowFate(row=line.number, fate="rejected", reason=line.reason))
            continue
        here = (line.figures[0].district, line.figures[0].month)
        if here in first:
            others.append(RowFate(row=line.number, fate="duplicate", reason=f"the same district and month as row {first[here]}"))
        else:
            first[here] = line.number
            kept.append(line)
    return kept, others


def _tonnage(body: TonnageImport, figure: Figure) -> Tonnage:
    return Tonnage(
        source=body.source,
        district=figure.district,
        month=figure.month,
        material=figure.material,
        stream=figure.stream,
        grams=figure.grams,
        unit=body.unit,
        as_given=str(figure.as_given),
    )


def _totals(body: TonnageImport, kept: Sequence[TonnageLine]) -> list[MaterialTotal]:
    totals = []
    for material, stream in body.materials.items():
        figures = [figure for line in kept for figure in line.figures if figure.material == material]
        sum_given = sum((figure.as_given for figure in figures), Decimal(0))
        grams = sum(figure.grams for figure in figures)
        totals.append(MaterialTotal(material=material, stream=stream, cells=len(figures), given=str(sum_given), grams=grams))
    return totals

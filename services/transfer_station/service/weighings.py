"""Weighings of another system: every row's fate is told, and no weight is lost between the file and the report."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.limits import ImportRules
from services.transfer_station.domain.weighings import ImportedWeighing, Parsed, WeighingLine, parse
from services.transfer_station.schemas.weighings import (
    NamedRow,
    RejectedRow,
    Sum,
    WeighingAnswer,
    WeighingImport,
    WeighingImportAnswer,
)
from services.transfer_station.store import weighings as store
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Invalid
from shared.ids import derived_id
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused
from shared.vocabulary import WasteStream

NEEDED = {"at", "weight"}
EXACT = 60
"""Digits: no sum of a file needs as many."""


async def import_weighings(session: AsyncSession, body: WeighingImport) -> WeighingImportAnswer:
    """The same file again stores nothing: a row is known by its source, all that it says, and which repetition it is."""
    rules = rulebooks.IMPORT_RULES.at(now())
    parsed = await asyncio.to_thread(_parsed, body, rules)
    lines = {derived_id("weighing", body.source, body.unit, *line.identity): line for line in parsed.rows}
    known = await store.known(session, list(lines))
    new = {weighing_id: line for weighing_id, line in lines.items() if weighing_id not in known}
    if not body.dry_run:
        await store.add(session, [_weighing(weighing_id, line, body) for weighing_id, line in new.items()])
    grams = Decimal(rules.grams_per_unit[body.unit])
    stored = _sum((line.value for line in new.values()), grams)
    stored_g = sum(line.net_g for line in new.values())
    return WeighingImportAnswer(
        dry_run=body.dry_run,
        unit=body.unit,
        stored=stored,
        stored_g=stored_g,
        file=_sum([*(line.value for line in parsed.rows), *(line.value for line in parsed.rejected)], grams),
        duplicate=_sum((line.value for weighing_id, line in lines.items() if weighing_id in known), grams),
        rejected=_sum((line.value for line in parsed.rejected), grams),
        rounding_g=_plain(stored_g - Decimal(stored.grams)),
        rejected_rows=[RejectedRow(row=line.row, code=line.code, detail=line.detail) for line in parsed.rejected],
        named=[NamedRow(row=line.row, flags=[*line.flags]) for line in new.values() if line.flags],
    )


def _parsed(body: WeighingImport, rules: ImportRules) -> Parsed:
    if missing := NEEDED - set(body.mapping):
        raise Invalid(f"say in `mapping` which column holds {', '.join(sorted(missing))}")
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        if wrong := sorted(set(body.mapping.values()) - set(table.columns)):
            raise Invalid(f"the file has no column {', '.join(wrong)}; it has {', '.join(sorted(table.columns))[:500]}")
        mapping = {str(name): column for name, column in body.mapping.items()}
        return parse(table, mapping, body.unit, ZoneInfo(body.zone), body.streams, rules, body.decimal_mark)


def _sum(values: Iterable[Decimal], grams: Decimal) -> Sum:
    listed = list(values)
    with localcontext(prec=EXACT):
        total = sum(listed, Decimal(0))
        return Sum(rows=len(listed), value=_plain(total), grams=_plain(total * grams))


def _plain(value: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _weighing(weighing_id: str, line: WeighingLine, body: WeighingImport) -> ImportedWeighing:
    return ImportedWeighing(
        weighing_id=weighing_id,
        source=body.source,
        row=line.row,
        at=line.at,
        stream=line.stream,
        load_type=line.load_type,
        site=line.site,
        number=line.number,
        value=_plain(line.value),
        unit=body.unit,
        net_g=line.net_g,
        flags=line.flags,
        imported_at=now(),
    )


async def list_weighings(
    session: AsyncSession, source: str | None, stream: WasteStream | None, cursor: str | None, limit: int
) -> Page[WeighingAnswer]:
    key = decode_cursor(cursor, datetime, str)
    weighings = await store.page(session, source, stream, (key[0], key[1]) if key else None, limit + 1)
    items = [WeighingAnswer.model_validate(weighing) for weighing in weighings[:limit]]
    last = items[-1] if len(weighings) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.weighing_id))

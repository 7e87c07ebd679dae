"""Weighings of another system: every row's fate is told, and no weight is lost between the file and the report."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain.limits import ImportRules
from services.transfer_station.domain.weighings import Parsed, Row, parse
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

NEEDED = {"at", "weight"}
EXACT = 60
"""Digits: no sum of a file needs as many."""


async def import_weighings(session: AsyncSession, body: WeighingImport) -> WeighingImportAnswer:
    """The same file again stores nothing: a row is known by its source, all that it says, and which repetition it is."""
    rules = reference.import_rules(now())
    parsed = await asyncio.to_thread(_parsed, body, rules)
    rows = {derived_id("weighing", body.source, body.unit, *row.identity): row for row in parsed.rows}
    known = await store.known(session, list(rows))
    new = {weighing_id: row for weighing_id, row in rows.items() if weighing_id not in known}
    if not body.dry_run:
        await store.add(session, [_stored(weighing_id, row, body) for weighing_id, row in new.items()])
    grams = Decimal(rules.grams_per_unit[body.unit])
    stored = _sum((row.value for row in new.values()), grams)
    stored_g = sum(row.net_g for row in new.values())
    return WeighingImportAnswer(
        dry_run=body.dry_run,
        unit=body.unit,
        stored=stored,
        stored_g=stored_g,
        file=_sum([*(row.value for row in parsed.rows), *(row.value for row in parsed.rejected)], grams),
        duplicate=_sum((row.value for weighing_id, row in rows.items() if weighing_id in known), grams),
        rejected=_sum((row.value for row in parsed.rejected), grams),
        rounding_g=_plain(stored_g - Decimal(stored.grams)),
        rejected_rows=[RejectedRow(row=row.row, code=row.code, detail=row.detail) for row in parsed.rejected],
        named=[NamedRow(row=row.row, flags=[*row.flags]) for row in new.values() if row.flags],
    )


def _parsed(body: WeighingImport, rules: ImportRules) -> Parsed:
    if missing := NEEDED - set(body.mapping):
        raise Invalid(f"say in `mapping` which column holds {', '.join(sorted(missing))}")
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        if wrong := sorted(set(body.mapping.values()) - set(table.columns)):
            raise Invalid(f"the file has no column {', '.join(wrong)}; it has {', '.join(sorted(table.columns))[:500]}")
        mapping = {str(name): column for name, column in body.mapping.items()}
        streams = {word: stream.value for word, stream in body.streams.items()}
        return parse(table, mapping, body.unit, ZoneInfo(body.zone), streams, rules, body.decimal_mark)


def _sum(values: Iterable[Decimal], grams: Decimal) -> Sum:
    listed = list(values)
    with localcontext(prec=EXACT):
        total = sum(listed, Decimal(0))
        return Sum(rows=len(listed), value=_plain(total), grams=_plain(total * grams))


def _plain(value: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _stored(weighing_id: str, row: Row, body: WeighingImport) -> dict[str, Any]:
    kept = ("row", "at", "stream", "load_type", "site", "number", "net_g")
    own = {name: getattr(row, name) for name in kept}
    return own | {
        "weighing_id": weighing_id,
        "source": body.source,
        "value": _plain(row.value),
        "unit": body.unit,
        "flags": [*row.flags],
        "imported_at": now(),
    }


async def list_weighings(session: AsyncSession, filters: dict[str, str], cursor: str | None, limit: int) -> Page[WeighingAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page(session, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [WeighingAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.weighing_id))

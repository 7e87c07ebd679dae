"""A timetable file's rows become routes: every row is one stop or one named rejection.

The walk: resolve the mapping, read each row into a draft, reject drafts whose place is wrong, reject repeated
stops, put the rest in order and past midnight, name the service points.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.route.domain.coverage.sections import SectionPlace
from services.route.domain.timetable.columns import resolved
from services.route.domain.timetable.drafts import Draft, Notes, RowReader
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.notation import notation_of
from services.route.domain.timetable.placement import without_misplaced
from services.route.domain.timetable.repeats import service_point_ids, without_repeats
from services.route.domain.timetable.routes import Finding, Timetable
from services.route.domain.timetable.rows import FileColumns, FileRow
from services.route.domain.timetable.sequence import in_order, routes_of
from shared.tables_in.decimals import Mark
from shared.tables_in.table import Table

NONE_KNOWN: Mapping[str, SectionPlace] = {}


def parse_timetable(
    table: Table,
    mapping: Mapping[str, str],
    limits: ImportLimits,
    *,
    defaults: Mapping[str, Any] | None = None,
    datum: str = "WGS-84",
    sections: Mapping[str, SectionPlace] = NONE_KNOWN,
    most_window_hours: float = 24,
    decimal_mark: Mark | None = None,
) -> Timetable:
    """`mapping`: target field -> column; targets left out are looked for under their own name.

    `defaults`: target field -> value where the file has none. `sections`: those that rows may name, whose window lasts
    `most_window_hours` at most. `decimal_mark`: of the file's numbers, where they do not tell it themselves.
    Raises BadMapping when the file cannot fit, AmbiguousNumbers when its numbers can be read in two ways.
    """
    columns = FileColumns(names=resolved(mapping, table.columns, set(defaults or {})), defaults=dict(defaults or {}))
    notation = notation_of(table, columns, limits, decimal_mark)
    reader = RowReader(columns, limits, notation, datum, sections, most_window_hours)
    notes = Notes()
    drafts = list(_drafts(table, reader, notes))
    drafts = without_misplaced(drafts, limits, notes)
    routes = {route_id: without_repeats(stops, limits, notes) for route_id, stops in _by_route(drafts).items()}
    kept = [draft for stops in routes.values() for draft in stops]
    point_ids = service_point_ids(kept, limits, notes)
    ordered = {route_id: in_order(stops, limits, notes) for route_id, stops in routes.items() if stops}
    return Timetable(
        row_count=len(table.rows),
        routes=routes_of(ordered, point_ids, notes),
        rejected=_by_row(notes.rejected),
        warnings=_by_row(notes.warnings),
    )


def _drafts(table: Table, reader: RowReader, notes: Notes) -> Iterable[Draft]:
    for number, row_cells in enumerate(table.rows, start=1):
        row = FileRow(number=number, cells=row_cells, columns=reader.columns)
        draft = reader.read(row, table.broken.get(number), notes)
        if draft is not None:
            yield draft


def _by_route(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    routes: dict[str, list[Draft]] = {}
    for draft in drafts:
        routes.setdefault(draft.route_id, []).append(draft)
    return routes


def _by_row(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.row, finding.code)))

"""Bringing in another city's service requests: every one is stored, a duplicate, or rejected with its reason."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case
from services.complaint.domain.categories import category_of_import
from services.complaint.schemas.fields import Text
from services.complaint.schemas.figures import ComplaintImport, ImportAnswer, NamedRequest, RejectedRequest, RequestField
from services.complaint.store import cases as store
from shared.bodies import Code, Latitude, Longitude, When
from shared.clock import now
from shared.errors import Invalid, wrong_fields
from shared.ids import derived_id
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import Mark, decimal_mark, decimal_of
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused
from shared.tables_in.times import moment_of
from shared.vocabulary import Channel, ComplaintStatus

CHUNK = 1000
FIELDS = get_args(RequestField)
PLACE, TIMES = ("lat", "long"), ("requested_datetime", "updated_datetime")
LARGEST = 180
BROKEN = "broken"
DEFAULT = "other"


class Request(BaseModel):
    """A GeoReport v2 service request as other servers write it; what we do not know of it is left."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, coerce_numbers_to_str=True)

    service_request_id: Code
    status: str
    status_notes: Text | None = None
    service_code: Code
    service_name: Text | None = None
    description: Text | None = None
    requested_datetime: When
    updated_datetime: When | None = None
    address: Text | None = None
    address_id: Code | None = None
    lat: Latitude | None = None
    lon: Longitude | None = Field(None, alias="long")


class ImportedCase(NamedTuple):
    """`source_id`: what it is called there. `flags`: what is odd about it."""

    source_id: str
    case: Case
    flags: list[str]


@dataclass(slots=True)
class SortedRequests:
    """`by_source_id`: the cases to be, by the id that they have there."""

    count: int = 0
    by_source_id: dict[str, Case] = field(default_factory=dict)
    rejected: list[RejectedRequest] = field(default_factory=list)
    named: list[NamedRequest] = field(default_factory=list)
    duplicates: int = 0

    def take(self, row: int, imported: ImportedCase) -> None:
        if imported.source_id in self.by_source_id:
            self.duplicates += 1
            return
        self.by_source_id[imported.source_id] = imported.case
        if imported.flags:
            self.named.append(NamedRequest(row=row, service_request_id=imported.source_id, flags=imported.flags))


async def import_requests(session: AsyncSession, body: ComplaintImport) -> ImportAnswer:
    at = now()
    for code in {*body.categories.values()}:
        if rulebooks.category(code, at) is None:
            raise Invalid(f"there is no category {code}", code="unknown_category")
    requests = await asyncio.to_thread(_sort, body, at)
    cases = requests.by_source_id
    known = await store.known_source_ids(session, body.source, list(cases)) if cases else set()
    new = [case for source_id, case in cases.items() if source_id not in known]
    if not body.dry_run:
        for start in range(0, len(new), CHUNK):
            await store.add_cases(session, new[start : start + CHUNK])
    return ImportAnswer(
        dry_run=body.dry_run,
        rows=requests.count,
        stored=len(new),
        duplicates=requests.duplicates + len(known),
        rejected=requests.rejected,
        named=[one for one in requests.named if one.service_request_id not in known],
        by_category=dict(Counter(case.category for case in new)),
    )


def _sort(body: ComplaintImport, at: datetime) -> SortedRequests:
    requests = SortedRequests()
    for number, values in enumerate(_requests(body), start=1):
        requests.count = number
        try:
            requests.take(number, _case(body, Request.model_validate(values), at))
        except (ValidationError, ValueError) as error:
            requests.rejected.append(_rejected(number, values, error))
    return requests


def _requests(body: ComplaintImport) -> Iterator[dict[str, Any]]:
    """As they came, or a file's rows without their empty cells: coordinates as numbers, times of `zone` if they name none."""
    if body.requests is not None:
        yield from body.requests
        return
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        if wrong := sorted(set(body.mapping.values()) - set(table.columns)):
            raise Invalid(f"the file has no column {', '.join(wrong)}", code="bad_mapping")
        column_of = {str(name): column for name, column in body.mapping.items()}
        columns = {name: column_of.get(name, name) for name in FIELDS}
        marks = {name: decimal_mark(table.column(columns[name]), columns[name], body.decimal_mark, LARGEST) for name in PLACE}
    for number, row in enumerate(table.rows, start=1):
        if number in table.broken:
            yield {BROKEN: table.broken[number]}
        else:
            cells = {name: row[column] for name, column in columns.items() if text_of(row.get(column))}
            yield {name: _value(name, cell, marks, body.zone) for name, cell in cells.items()}


def _value(name: str, cell: Any, marks: dict[str, Mark], zone: str | None) -> Any:
    """What cannot be read stays as it is, and is rejected with its row."""
    try:
        if name in marks:
            return float(decimal_of(cell, marks[name]))
        if name in TIMES and zone is not None:
            return moment_of(cell, ZoneInfo(zone))
    except BadCell:
        return cell
    return text_of(cell) if isinstance(cell, float) else cell


def _rejected(number: int, values: dict[str, Any], error: ValueError) -> RejectedRequest:
    """By field and rule, not by value."""
    detail = str(values.get(BROKEN, error))
    if BROKEN not in values and isinstance(error, ValidationError):
        detail = wrong_fields(error, 5)
    their_id = values.get("service_request_id")
    return RejectedRequest(
        row=number, service_request_id=None if their_id is None else str(their_id)[:64], code="invalid", detail=detail[:500]
    )


def _case(body: ComplaintImport, request: Request, at: datetime) -> ImportedCase:
    """The case, and what is odd about it. Their clocks were theirs: an imported case has none."""
    if request.status.lower() not in {"open", "closed"}:
        raise ValueError("status is neither open nor closed")
    closed = request.status.lower() == "closed"
    name = request.service_name or request.service_code
    code = body.categories.get(name) or category_of_import(name, rulebooks.CATEGORIES.at(at).imported, DEFAULT)
    category = rulebooks.category(code, at)
    has_place = request.lat is not None and request.lon is not None
    changed_at = max(request.updated_datetime or request.requested_datetime, request.requested_datetime)
    case = Case(
        case_id=derived_id("import", body.source, request.service_request_id),
        revision=1,
        channel=Channel.IMPORT,
        source=body.source,
        source_id=request.service_request_id,
        their_category=name[:200],
        category=code,
        matter_code=category.matter_code if category else None,
        urgency="general",
        description=request.description or name,
        address=request.address,
        address_id=request.address_id,
        lon=request.lon if has_place else None,
        lat=request.lat if has_place else None,
        is_public=True,
        reply=request.status_notes,
        status=ComplaintStatus.CLOSED if closed else ComplaintStatus.RECEIVED,
        requested_at=request.requested_datetime,
        received_at=at,
        changed_at=changed_at,
        closed_at=changed_at.astimezone(UTC) if closed else None,
    )
    return ImportedCase(request.service_request_id, case, _flags(request, case, at))


def _flags(request: Request, case: Case, at: datetime) -> list[str]:
    updated = request.updated_datetime or request.requested_datetime
    odd = {
        "updated_before_requested": updated < request.requested_datetime,
        "in_the_future": request.requested_datetime > at,
        "no_place": case.lon is None,
        "outside_the_city": not case.lies_within(rulebooks.INTAKE_RULES.at(at).boxes),
    }
    return [flag for flag, holds in odd.items() if holds]

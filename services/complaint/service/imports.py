"""Bringing in another city's service requests: every one is stored, a duplicate, or rejected with its reason."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain.categories import category_of_import
from services.complaint.domain.intake import is_within
from services.complaint.schemas.fields import Text
from services.complaint.schemas.figures import ComplaintImport, ImportAnswer, NamedRequest, RejectedRequest, RequestField
from services.complaint.service import intake
from services.complaint.store import cases as store
from shared.bodies import Code, Latitude, Longitude, When
from shared.clock import now
from shared.errors import Invalid
from shared.ids import derived_id
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import Mark, decimal_mark, decimal_of
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused
from shared.tables_in.times import moment_of
from shared.vocabulary import Channel, ComplaintStatus

Row = dict[str, Any]
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


@dataclass(slots=True)
class Sorted:
    """`rows` by the id that they have there."""

    count: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    rejected: list[RejectedRequest] = field(default_factory=list)
    named: list[NamedRequest] = field(default_factory=list)
    duplicates: int = 0


async def import_requests(session: AsyncSession, body: ComplaintImport) -> ImportAnswer:
    at = now()
    for code in {*body.categories.values()}:
        if reference.category(code, at) is None:
            raise Invalid(f"there is no category {code}", code="unknown_category")
    found = await asyncio.to_thread(_sorted_out, body, at)
    held = await store.of_source(session, body.source, list(found.rows)) if found.rows else set()
    fresh = [row for key, row in found.rows.items() if key not in held]
    if not body.dry_run:
        for start in range(0, len(fresh), CHUNK):
            await store.add(session, fresh[start : start + CHUNK])
    return ImportAnswer(
        dry_run=body.dry_run,
        rows=found.count,
        stored=len(fresh),
        duplicates=found.duplicates + len(held),
        rejected=found.rejected,
        named=[one for one in found.named if one.service_request_id not in held],
        by_category=dict(Counter(row["category"] for row in fresh)),
    )


def _sorted_out(body: ComplaintImport, at: datetime) -> Sorted:
    found = Sorted()
    for number, given in enumerate(_requests(body), start=1):
        found.count = number
        try:
            row, flags = _row(body, Request.model_validate(given), at)
        except (ValidationError, ValueError) as error:
            found.rejected.append(_rejected(number, given, error))
            continue
        if row["source_id"] in found.rows:
            found.duplicates += 1
            continue
        found.rows[row["source_id"]] = row
        if flags:
            found.named.append(NamedRequest(row=number, service_request_id=row["source_id"], flags=flags))
    return found


def _requests(body: ComplaintImport) -> Iterator[Row]:
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


def _rejected(number: int, given: Row, error: ValueError) -> RejectedRequest:
    """By field and rule, not by value."""
    detail = str(given.get(BROKEN, error))
    if BROKEN not in given and isinstance(error, ValidationError):
        detail = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)[:5])
    their_id = given.get("service_request_id")
    return RejectedRequest(
        row=number, service_request_id=None if their_id is None else str(their_id)[:64], code="invalid", detail=detail[:500]
    )


def _row(body: ComplaintImport, request: Request, at: datetime) -> tuple[Row, list[str]]:
    """The case, and what is odd about it. Their clocks were theirs: an imported case has none."""
    if request.status.lower() not in {"open", "closed"}:
        raise ValueError("status is neither open nor closed")
    name = request.service_name or request.service_code
    category = body.categories.get(name) or category_of_import(name, reference.categories(at).imported, DEFAULT)
    closed = request.status.lower() == "closed"
    updated = request.updated_datetime or request.requested_datetime
    flags = ["updated_before_requested"] if updated < request.requested_datetime else []
    flags += ["in_the_future"] if request.requested_datetime > at else []
    flags += ["no_place"] if request.lat is None or request.lon is None else []
    said = {
        "channel": Channel.IMPORT.value,
        "category": category,
        "description": request.description or name,
        "address": request.address,
        "address_id": request.address_id,
        "lon": request.lon,
        "lat": request.lat,
    }
    if said["lon"] is None or said["lat"] is None:
        said["lon"] = said["lat"] = None
    row = intake.EMPTY | {"attributes": {}} | said
    known = reference.category(category, at)
    row |= {
        "case_id": derived_id("import", body.source, request.service_request_id),
        "revision": 1,
        "source": body.source,
        "source_id": request.service_request_id,
        "their_category": name[:200],
        "received_at": at,
        "requested_at": request.requested_datetime,
        "changed_at": max(updated, request.requested_datetime),
        "urgency": "general",
        "has_contact": False,
        "is_public": True,
        "reply": request.status_notes,
        "matter_code": known.matter_code if known else None,
        "status": (ComplaintStatus.CLOSED if closed else ComplaintStatus.RECEIVED).value,
        "closed_at": max(updated, request.requested_datetime).astimezone(UTC) if closed else None,
    }
    intake.place(row, must_be_here=False)
    if row["lon"] is not None and not is_within(row["lon"], row["lat"], reference.intake_rules(at).boxes):
        flags.append("outside_the_city")
    return row, flags

"""Which rows a bearer sees: what `Principal.sees` says of one thing, said of a list."""

from typing import Any

from sqlalchemy import ColumnElement, false

from shared.auth import Principal, in_districts
from shared.vocabulary import Role


def in_scope(table: Any, principal: Principal) -> list[ColumnElement[bool]]:
    if principal.role is Role.ADMIN:
        return []
    found: list[ColumnElement[bool]] = []
    if principal.role is Role.DEVICE:
        found.append(table.c.vehicle_id.in_(sorted(principal.vehicle_ids)))
    if principal.contractor_ids:
        # What names no contractor, the timetable and its places, is the city's own.
        mine = sorted(principal.contractor_ids)
        found.append(table.c.contractor_id.in_(mine) if "contractor_id" in table.c else false())
    if principal.district_ids:
        found.append(in_districts(table.c.district_id, principal.district_ids))
    return found

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
        found.append(false())  # nothing here names its contractor yet
    if principal.district_ids:
        found.append(in_districts(table.c.district_id, principal.district_ids))
    return found

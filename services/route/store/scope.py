"""Which rows a bearer sees: what `Principal.sees` says of one thing, said of a list."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from shared.auth import DISTRICT_DIGITS, Principal
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


def in_districts(district: Any, ids: Collection[str]) -> ColumnElement[bool]:
    """As `shared.auth.within`: a 9-digit subdistrict lies within its 6-digit district."""
    parts = [district.startswith(d, autoescape=True) for d in sorted(ids) if len(d) == DISTRICT_DIGITS]
    return or_(district.in_(sorted(ids)), *parts)

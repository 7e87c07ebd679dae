"""What endpoints ask of a table."""

from typing import Any

from sqlalchemy import ColumnElement, Table

from shared.rows import matching
from shared.scope import in_districts


def asked(filters: Any, table: Table) -> list[ColumnElement[bool]]:
    """The rows that `filters` asks for, a frozen type of the domain; a 6-digit district includes its subdistricts."""
    district = filters.within_district
    return [*matching(filters, table), *([] if district is None else [in_districts(table.c.district_id, {district})])]

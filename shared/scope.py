"""What the bearer of a token may reach: asked of one thing and of a query alike.

A token is bound to vehicles, districts, contractors or stations (a plant is a station, too). Each binding narrows what it
names, and what does not say its vehicle, district, contractor or station is not seen by one who is bound by that. A role
takes only the bindings it honours (`HONOURED`): any other is refused when a token is issued, and wherever it is shown.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select

from shared.districts import DISTRICT_DIGITS, within
from shared.errors import Invalid
from shared.vocabulary import Role

VEHICLES, DISTRICTS, CONTRACTORS, STATIONS = BINDINGS = ("vehicle_ids", "district_ids", "contractor_ids", "station_ids")
HONOURED: dict[Role, frozenset[str]] = {
    Role.ADMIN: frozenset(),
    Role.AUDITOR: frozenset({DISTRICTS}),
    Role.CITIZEN: frozenset(),
    Role.DEVICE: frozenset({VEHICLES}),
    Role.DISPATCHER: frozenset({DISTRICTS, CONTRACTORS}),
    Role.EVALUATOR: frozenset(),
    Role.INSPECTOR: frozenset({DISTRICTS}),
    Role.STATION_OPERATOR: frozenset({STATIONS}),
}
"""The bindings that narrow what a role may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is reached. Empty: not bound by that; a Scope without anything is the whole city."""

    vehicle_ids: frozenset[str] = frozenset()
    district_ids: frozenset[str] = frozenset()
    contractor_ids: frozenset[str] = frozenset()
    station_ids: frozenset[str] = frozenset()

    @property
    def bindings(self) -> frozenset[str]:
        """The names of those of BINDINGS that bind."""
        return frozenset(name for name in BINDINGS if getattr(self, name))

    def sees(self, **thing: str | None) -> bool:
        """Of one thing: its vehicle_id, district_id, contractor_id, station_id as far as it has them."""
        return all(self._reaches(binding, thing.get(_column(binding))) for binding in self.bindings)

    def _reaches(self, binding: str, value: str | None) -> bool:
        if binding == DISTRICTS:
            return within(value, self.district_ids)
        return value in getattr(self, binding)

    def rows(self, table: Any, *, vehicles: Any = None, **columns: Any) -> list[ColumnElement[bool]]:
        """`sees`, of the rows of a table. `columns`: where a column has another name, as district_id=PLACE.c.area_id.
        `vehicles`: a table of vehicles that says what the table does not say itself."""
        conditions = []
        for binding in sorted(self.bindings):
            name = _column(binding)
            if name in columns or name in table.c:
                conditions.append(self._holds(binding)(columns[name] if name in columns else table.c[name]))
            elif vehicles is not None and "vehicle_id" in table.c and name in vehicles.c:
                theirs = select(vehicles.c.vehicle_id).where(self._holds(binding)(vehicles.c[name]))
                conditions.append(table.c.vehicle_id.in_(theirs))
            else:
                conditions.append(false())
        return conditions

    def _holds(self, binding: str) -> Callable[[Any], ColumnElement[bool]]:
        if binding == DISTRICTS:
            return lambda column: in_districts(column, self.district_ids)
        return lambda column: column.in_(sorted(getattr(self, binding)))


def _column(binding: str) -> str:
    return binding.removesuffix("s")


def in_districts(district: ColumnElement[str | None], districts: Collection[str]) -> ColumnElement[bool]:
    """`within`, asked of a column."""
    parts = [district.startswith(part, autoescape=True) for part in sorted(districts) if len(part) == DISTRICT_DIGITS]
    return or_(district.in_(sorted(districts)), *parts)


def require_honoured(role: Role, bindings: Iterable[str]) -> None:
    """Invalid, with what to do, when a token of this role would carry a binding that narrows nothing for it."""
    foreign = sorted(set(bindings) - HONOURED[role])
    if foreign:
        narrowed = ", ".join(sorted(HONOURED[role])) or "nothing"
        raise Invalid(
            f"a token of role {role} cannot be bound by {', '.join(foreign)}, only by {narrowed}; "
            f"ask for one without {', '.join(foreign)}, or for another role",
            code="binding_not_honoured",
        )

"""What a bearer reaches: one thing and the rows of a query are decided alike, and what says nothing of itself is not reached."""

from itertools import product

import pytest
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

from shared.errors import Invalid
from shared.scope import BINDINGS, HONOURED, Scope, require_honoured
from shared.vocabulary import Role

VALUES = {
    "vehicle_id": ("T-1", "T-2", None),
    "district_id": ("310104", "310104003", "310105", "31010", None),
    "contractor_id": ("K-1", None),
    "station_id": ("S-1", None),
}
SCOPES = [
    Scope(),
    Scope(vehicle_ids=frozenset({"T-1"})),
    Scope(district_ids=frozenset({"310104"})),
    Scope(district_ids=frozenset({"310104003", "310105"}), contractor_ids=frozenset({"K-1"})),
    Scope(district_ids=frozenset({"3101"})),
    Scope(station_ids=frozenset({"S-1", "S-2"})),
]
TABLE = Table("thing", MetaData(), *(Column(name, String) for name in VALUES))
VEHICLES = Table("truck", TABLE.metadata, Column("vehicle_id", String), Column("district_id", String), Column("area_id", String))
THINGS = [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope.bindings)) or "everywhere")
def test_one_thing_and_the_rows_of_a_query_are_decided_alike(scope: Scope) -> None:
    engine = create_engine("sqlite://")
    TABLE.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(TABLE), THINGS)
        rows = [dict(row) for row in connection.execute(select(TABLE).where(*scope.rows(TABLE))).mappings()]
    assert rows == [thing for thing in THINGS if scope.sees(**thing)]


def test_what_a_table_does_not_say_its_vehicle_says_and_else_nothing_is_seen() -> None:
    alerts = Table("alert", MetaData(), Column("vehicle_id", String))
    engine = create_engine("sqlite://")
    TABLE.metadata.create_all(engine)
    alerts.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(VEHICLES), [{"vehicle_id": "T-1", "district_id": "310104003", "area_id": "310105"}])
        connection.execute(insert(alerts), [{"vehicle_id": "T-1"}, {"vehicle_id": "T-2"}])

        def count(scope: Scope) -> int:
            return len(connection.execute(select(alerts).where(*scope.rows(alerts, vehicles=VEHICLES))).all())

        assert count(Scope()) == 2
        assert count(Scope(district_ids=frozenset({"310104"}))) == 1
        assert count(Scope(contractor_ids=frozenset({"K-1"}))) == 0
        assert count(Scope(station_ids=frozenset({"S-1"}))) == 0
        renamed = select(VEHICLES).where(
            *Scope(district_ids=frozenset({"310105"})).rows(VEHICLES, district_id=VEHICLES.c.area_id)
        )
        assert len(connection.execute(renamed).all()) == 1


@pytest.mark.parametrize("role", Role)
def test_every_role_says_which_bindings_it_honours(role: Role) -> None:
    require_honoured(role, HONOURED[role])
    for binding in set(BINDINGS) - HONOURED[role]:
        with pytest.raises(Invalid, match=f"without {binding}"):
            require_honoured(role, [binding])

"""A database that a test has used is as its migrations left it; one whose tables it changed is used no more."""

from deploy.local.postgres import LocalPostgres
from tests.reused_database import ReusedDatabase

DAY = "FOR VALUES FROM ('1999-01-01') TO ('1999-01-02')"


def test_what_a_test_wrote_is_gone_and_what_migrations_wrote_is_back(postgres: LocalPostgres, migrated_template: str) -> None:
    reused = ReusedDatabase(postgres, migrated_template, "again")
    name = reused.fresh().rpartition("/")[2]
    filled = postgres.query("SELECT name FROM kept.filled ORDER BY name", name).split()
    rows = "; ".join(f"TABLE {table}" for table in filled)
    migrated = postgres.query(rows, name)
    assert migrated
    postgres.query("; ".join(f"DELETE FROM {table}" for table in filled), name)
    postgres.query("INSERT INTO gateway.city_clock (id, seq) VALUES (7, 99)", name)
    postgres.query(f"CREATE TABLE vehicle.position_19990101 PARTITION OF vehicle.position {DAY}", name)
    assert reused.fresh().rpartition("/")[2] == name
    assert postgres.query(rows, name) == migrated
    assert postgres.query("SELECT count(*) FROM gateway.city_clock WHERE seq = 99", name) == "0"
    assert postgres.query("SELECT to_regclass('vehicle.position_19990101') IS NULL", name) == "t"


def test_a_database_whose_tables_a_test_changed_is_left_behind(postgres: LocalPostgres, migrated_template: str) -> None:
    reused = ReusedDatabase(postgres, migrated_template, "changed")
    name = reused.fresh().rpartition("/")[2]
    postgres.query("ALTER TABLE vehicle.vehicle RENAME TO truck", name)
    other = reused.fresh().rpartition("/")[2]
    assert other != name
    assert postgres.query("SELECT to_regclass('vehicle.vehicle') IS NOT NULL", other) == "t"

"""One migrated PostgreSQL database for test after test, put back as it was: to clone one costs a thousand files and a second."""

from deploy.local.postgres import LocalPostgres
from shared.settings import SERVICES

SCHEMAS = ", ".join(f"'{name}'" for name in SERVICES)
TABLES = f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ({SCHEMAS})"
REMEMBER = f"""
CREATE SCHEMA kept;
DO $$ DECLARE t record; filled boolean; BEGIN
  CREATE TABLE kept.tables AS SELECT c.oid::regclass::text AS name FROM {TABLES} AND c.relkind = 'r';
  CREATE TABLE kept.filled (name text);
  FOR t IN SELECT name FROM kept.tables LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t.name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE kept.%I AS TABLE %s', t.name, t.name);
      INSERT INTO kept.filled VALUES (t.name);
    END IF;
  END LOOP;
END $$;
"""
"""What migrations have written, in the template itself, so that every clone has it."""
PUT_BACK = f"""
DO $$ DECLARE t record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT c.oid::regclass AS name, pg_relation_size(c.oid) AS bytes, k.name IS NULL AS new
           FROM (SELECT c.oid FROM {TABLES} AND c.relkind = 'r') AS found(oid)
           JOIN pg_class c ON c.oid = found.oid LEFT JOIN kept.tables k ON k.name = c.oid::regclass::text LOOP
    IF t.new THEN EXECUTE format('DROP TABLE %s', t.name);
    ELSIF t.bytes > 1000000 THEN EXECUTE format('TRUNCATE %s', t.name);
    ELSIF t.bytes > 0 THEN EXECUTE format('DELETE FROM %s', t.name);
    END IF;
  END LOOP;
  FOR t IN SELECT name FROM kept.filled LOOP
    EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE TABLE kept.%I', t.name, t.name);
  END LOOP;
  FOR t IN SELECT c.oid::regclass AS name FROM {TABLES} AND c.relkind = 'S' LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', t.name);
  END LOOP;
END $$;
"""
SHAPE = f"""
SELECT md5(string_agg(concat_ws(' ', c.oid::regclass, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY c.oid, a.attnum))
FROM pg_attribute a JOIN (SELECT c.oid FROM {TABLES}) AS c ON a.attrelid = c.oid
WHERE c.oid::regclass::text IN (SELECT name FROM kept.tables)
"""


class ReusedDatabase:
    def __init__(self, server: LocalPostgres, template: str, prefix: str = "test") -> None:
        self._server, self._template, self._prefix = server, template, prefix
        self._shape = server.query(SHAPE, template)
        self._made = 0

    def fresh(self) -> str:
        """The URL of a database that is as its migrations left it; nobody else may be using the one of the test before."""
        if self._made and self._is_whole():
            self._server.query(PUT_BACK, self._name)
        else:
            self._made += 1
            self._server.create_database(self._name, template=self._template)
        return self._server.url_of(self._name)

    @property
    def _name(self) -> str:
        return f"{self._prefix}_{self._made}"

    def _is_whole(self) -> bool:
        """False when a test has changed a table itself."""
        self._server.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")
        return self._server.query(SHAPE, self._name) == self._shape

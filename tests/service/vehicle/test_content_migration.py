"""A database of before keeps what it has, and knows its records again; times long past lose their hold on the state."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, bindparam, text
from trucks import alerts, lift, position, send, track

from services.vehicle.app import create_app
from services.vehicle.service.alerts import withdraw_long_past
from services.vehicle.tasks import ensure_partitions
from shared import testing
from shared.clock import now
from shared.db import Database, UtcTime
from shared.migrations import HOME, migrate
from shared.outbox import publish
from shared.settings import Settings
from shared.vocabulary import Role

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
OLD = START - timedelta(weeks=1024)


def upgrade_to_fourth(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(HOME / "vehicle" / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "0004")


STATE = "vehicle_state (vehicle_id, newest_at, last_at, lon, lat, received_at)"
LIFT = "bin_lift (lift_id, vehicle_id, at, net_kg, manual, error_codes, received_at, flags)"
ALERT = 'alert (alert_id, revision, vehicle_id, kind, subject_id, status, opened_at, last_at, value, "limit")'
ROWS = [
    f"{ALERT} VALUES ('A-1', 1, 'T-2', 'offline', '', 'open', :old, :old, 10321900, 10)",
    "position (vehicle_id, at, lon, lat, speed_kmh, received_at, flags) VALUES ('T-1', :at, 121.43, 31.18, 23.1, :now, 0)",
    "position (vehicle_id, at, lon, lat, received_at, flags) VALUES ('T-2', :old, 121.43, 31.18, :now, 0)",
    "load_reading (vehicle_id, at, load_kg, state, received_at, flags) VALUES ('T-1', :at, 900, 'stable', :now, 0)",
    f"{LIFT} VALUES ('before', 'T-1', :at, 40, false, '[]', :now, 0)",
    "driver_report (report_id, vehicle_id, at, code, received_at) VALUES ('before', 'T-1', :at, 'no_access', :now)",
    f"{STATE} VALUES ('T-1', :at, :at, 121.43, 31.18, :now)",
    f"{STATE} VALUES ('T-2', :old, :old, 121.43, 31.18, :now)",
]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_an_older_database_knows_its_records_again(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue("postgres").create_database("before_content") if kind == "postgres" else None
    settings = Settings(data_dir=tmp_path, database_url=url and SecretStr(url))
    database = Database(settings, "vehicle")
    async with database.writer.connect() as connection:
        if url:
            await connection.execute(text('CREATE SCHEMA IF NOT EXISTS "vehicle"'))
        await connection.run_sync(upgrade_to_fourth)
        moments = {"at": START, "old": OLD, "now": START + timedelta(minutes=1)}
        for row in ROWS:
            used = [bindparam(name, value, type_=UtcTime()) for name, value in moments.items() if f":{name}" in row]
            await connection.execute(text(f"INSERT INTO {row}").bindparams(*used))
        await connection.commit()
    if url:  # days that were made before the upgrade
        async with database.transaction() as session:
            await ensure_partitions(session, START.date())
    await migrate(database)
    await database.close()
    async with testing.city(settings, [create_app]) as city, city.client(Role.ADMIN) as admin:
        trucks = [{"vehicle_id": vehicle_id, "plate": "x"} for vehicle_id in ("T-1", "T-2")]
        await admin.post("/v1/vehicle-imports", json={"vehicles": trucks})
        async with city.client(Role.DEVICE, vehicle_ids=["T-1"]) as truck:
            at = position(0)["at"]
            same = [
                position(0, speed_kmh=23.1),
                lift(0),
                {"kind": "load", "at": at, "load_kg": 900},
                {"kind": "driver_report", "at": at, "code": "no_access"},
            ]
            answer = await send(truck, same)
            assert (answer["stored"], answer["duplicates"]) == (0, 4)
            other = [
                position(0, lon=121.4301),
                lift(0, 55),
                {"kind": "load", "at": at, "load_kg": 950},
                {"kind": "driver_report", "at": at, "code": "no_access", "service_point_id": "P2"},
            ]
            assert (await send(truck, other))["stored"] == 4
        assert len(await track(admin)) == 2
        assert (await admin.get("/v1/vehicles/T-1")).json()["state"]["last_at"] == "2026-11-16T02:00:00Z"
        assert (await admin.get("/v1/vehicles/T-2")).json()["state"]["last_at"] is None
        async with city.apps["vehicle"].state.resources.database.transaction() as session:
            await publish(session, *await withdraw_long_past(session, now()))
        assert await alerts(admin) == []

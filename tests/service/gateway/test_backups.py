"""A backup holds all services as of one moment, is there as a whole or not at all, and its age is told."""

import os
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import backups
from services.cli.main import app
from services.gateway import tasks
from services.gateway.app import create_app
from shared import testing
from shared.settings import Settings

SERVICES = ("vehicle", "gateway")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two services' databases, each with one row, and a key."""
    directory = tmp_path / "data"
    (directory / "keys").mkdir(parents=True)
    (directory / "keys" / "signing.pem").write_text("key")
    for name in SERVICES:
        with closing(sqlite3.connect(directory / f"{name}.sqlite3")) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE facts (number INTEGER)")
            database.execute("INSERT INTO facts VALUES (1)")
            database.commit()
    monkeypatch.setenv("SANITATION_DATA_DIR", str(directory))
    monkeypatch.delenv("SANITATION_DATABASE_URL", raising=False)
    return directory


def numbers(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as database:
        return [number for (number,) in database.execute("SELECT number FROM facts ORDER BY 1")]


def test_an_unpacked_backup_is_the_installation_again(data: Path, tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["backup", str(tmp_path / "backups")])
    assert made.exit_code == 0, made.output
    (file,) = (tmp_path / "backups").iterdir()
    assert str(file) == made.stdout.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as packed:
        packed.extractall(tmp_path / "again", filter="data")
    assert {name: numbers(tmp_path / "again" / f"{name}.sqlite3") for name in SERVICES} == {"vehicle": [1], "gateway": [1]}
    assert (tmp_path / "again" / "keys" / "signing.pem").read_text() == "key"


def test_what_is_written_while_a_backup_runs_is_in_none_of_its_copies(data: Path) -> None:
    files = [data / f"{name}.sqlite3" for name in SERVICES]
    with backups.snapshots(files) as readers:
        for file in files:  # writers do not wait for the copying
            with closing(sqlite3.connect(file, timeout=0)) as database:
                database.execute("INSERT INTO facts VALUES (2)")
                database.commit()
        assert [reader.execute("SELECT count(*) FROM facts").fetchone() for reader in readers] == [(1,), (1,)]


def test_a_backup_that_fails_leaves_no_file(data: Path, tmp_path: Path) -> None:
    (data / "vehicle.sqlite3").unlink()
    (data / "vehicle.sqlite3").write_bytes(b"this is no database " * 500)
    failed = CliRunner().invoke(app, ["backup", str(tmp_path / "backups")])
    assert failed.exit_code != 0
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_directory_without_a_database_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANITATION_DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.delenv("SANITATION_DATABASE_URL", raising=False)
    refused = CliRunner().invoke(app, ["backup", str(tmp_path / "backups")])
    assert refused.exit_code == 2
    assert "SANITATION_DATA_DIR" in refused.output


async def told(settings: Settings) -> float:
    """What the gateway's metrics say of the newest backup, counted at least once."""
    async with testing.city(settings, [create_app], migrated=True) as city, city.client() as client:
        await city.settle()
        text = ""
        while (
            "sanitation_city_counted_timestamp_seconds" not in text or 'counted_timestamp_seconds{service="gateway"} 0.0' in text
        ):
            text = (await client.get("/metrics")).text
    (line,) = [line for line in text.splitlines() if line.startswith("sanitation_backup_timestamp_seconds{")]
    return float(line.rpartition(" ")[2])


async def test_the_age_of_the_newest_whole_backup_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "COUNT_SECONDS", 0.05)
    assert await told(settings) == -1
    watched = settings.model_copy(update={"backup_dir": tmp_path / "backups"})
    (tmp_path / "backups").mkdir()
    assert await told(watched) == 0
    for name, at in (("a.backup", 1000), ("b.backup", 2000), ("c.part", 3000)):
        (tmp_path / "backups" / name).touch()
        os.utime(tmp_path / "backups" / name, (at, at))
    assert await told(watched) == 2000

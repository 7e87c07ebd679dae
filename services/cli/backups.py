"""sanitation backup: everything that a new installation needs to go on where this one was."""

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from shared.clock import now
from shared.files import private_directory, private_file
from shared.settings import SERVICES, Settings

BUSY_SECONDS = 60.0


def backup(
    directory: Annotated[Path, typer.Argument(help="where the file goes; set SANITATION_BACKUP_DIR to it as well")],
) -> None:
    """Write all data, as of one moment, into one new file while the suite goes on."""
    settings = Settings()
    private_directory(directory)
    file = directory / f"sanitation-{now():%Y%m%dT%H%M%SZ}.backup"
    part = file.with_suffix(".part")
    private_file(part)
    try:
        if settings.database_url is None:
            _pack(settings.data_dir, part)
        else:
            _dump(settings.database_url.get_secret_value(), part)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(str(file))


def _pack(data: Path, file: Path) -> None:
    """The databases and the keys, as a tar file: unpacked into an empty data directory they are this installation again."""
    databases = [path for service in SERVICES if (path := data / f"{service}.sqlite3").exists()]
    if not databases:
        raise typer.BadParameter(f"there is no database in {data}; set SANITATION_DATA_DIR")
    with tempfile.TemporaryDirectory(dir=file.parent) as copies, tarfile.open(file, "w") as packed:
        with snapshots(databases) as connections:
            for path, connection in zip(databases, connections, strict=True):
                with closing(sqlite3.connect(Path(copies) / path.name)) as copy:
                    connection.backup(copy)
                packed.add(Path(copies) / path.name, path.name)
        if (data / "keys").exists():
            packed.add(data / "keys", "keys")


@contextmanager
def snapshots(databases: list[Path]) -> Iterator[list[sqlite3.Connection]]:
    """A connection to each that sees all of them as of one moment: no event is in one service and not yet in another.

    Writers wait until every connection has begun to read, which takes no longer than the transaction they are in.
    """
    with ExitStack() as opened:

        def connect(path: Path, begin: str) -> sqlite3.Connection:
            connection = opened.enter_context(closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)))
            connection.execute(begin)
            return connection

        writers = [connect(path, "BEGIN IMMEDIATE") for path in databases]
        readers = [connect(path, "BEGIN") for path in databases]
        for reader in readers:
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for writer in writers:
            writer.execute("ROLLBACK")
        yield readers


def _dump(address: str, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        typer.echo("pg_dump is missing here; the container `backup` of deploy/compose.yaml has it", err=True)
        raise typer.Exit(2)
    url = make_url(address)
    # Not in the command, which every user of the machine can read.
    place = {
        "PGHOST": url.host,
        "PGPORT": url.port or 5432,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environment = os.environ | {name: str(value) for name, value in place.items() if value}
    subprocess.run([program, "--format=custom", f"--file={file}"], env=environment, check=True)  # noqa: S603 - our own words

"""A PostgreSQL server of our own on one machine: scram, a generated password, 127.0.0.1 only, fully durable.

One that is thrown away after a test run need not outlive the machine, and asks nobody on it for a password.
"""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

from deploy.local.packages import ensure
from deploy.local.passwords import kept_password
from deploy.local.process import ManagedProcess, ProcessFailed
from shared.files import write_private

ROLE = "sanitation"
DATABASE = "sanitation"
START_TIMEOUT_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    # Durability is the suite's promise.
    "fsync": "on",
    "synchronous_commit": "on",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}
"""What was committed still outlives a kill of the server, though not a crash of the machine."""


class LocalPostgres:
    """`directory` keeps password, log and (unless root's PostgreSQL user cannot reach it) the data.

    start() waits until queries are answered and makes the database `sanitation`; it may be called again after
    stop() or kill(), with the data still there.
    """

    def __init__(self, directory: Path, port: int, *, throw_away: bool = False) -> None:
        self.port = port
        self._directory = directory.resolve()
        self._bin = ensure("postgres")["postgres"].parent
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data_home = self._choose_data_home()
        self.password_path = self._directory / "postgres.password"
        self._auth = "trust" if throw_away else "scram-sha-256"
        settings = SETTINGS | (THROW_AWAY if throw_away else {}) | {"port": str(port)}
        self.process = ManagedProcess(
            "postgres",
            [str(self._bin / "postgres"), "-D", str(self._data), *(f"-c{k}={v}" for k, v in settings.items())],
            self._directory,
            working_directory=Path("/"),
            user=self._user,
            # SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
            stop_signal=signal.SIGINT,
        )

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def alive(self) -> bool:
        return self.process.alive

    def start(self) -> None:
        if not self._data.exists():
            self._initialise()
        self.process.start()
        self._wait_until_ready()
        if DATABASE not in self.query("SELECT datname FROM pg_database").split():
            self.create_database(DATABASE)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """SIGKILL of the postmaster and all its children at once, as a crash of the machine's server."""
        self.process.kill9()

    def restart(self) -> None:
        self.stop()
        self.start()

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Makes an empty database (or a copy of `template`, which nobody may be using) and answers its url."""
        self.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def remove(self) -> None:
        """Stops the server and deletes its data."""
        self.stop()
        shutil.rmtree(self._data_home, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._data_home / "data"

    @property
    def _password(self) -> str:
        return kept_password(self.password_path)

    def _choose_data_home(self) -> Path:
        inside = self._directory / "postgres"
        if self._user is None or _others_may_enter(self._directory):
            return inside
        # PostgreSQL refuses root, and its own user cannot pass a directory such as /root: a place it can reach.
        digest = hashlib.sha256(str(self._directory).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"sanitation-postgres-{digest}"  # noqa: S108 - _make_data_home checks whose it is

    def _initialise(self) -> None:
        self._make_data_home()
        unfinished = self._data_home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self._data_home / "initial.password"
        write_private(password_file, self._password.encode())
        self._give_away(password_file)
        command = [str(self._bin / "initdb"), "-D", str(unfinished), "-U", ROLE, f"--auth={self._auth}"]
        command += [f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C.UTF-8"]
        try:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                text=True,
                cwd="/",
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )
        except subprocess.CalledProcessError as problem:
            raise ProcessFailed(f"initdb failed:\n{problem.stdout}{problem.stderr}") from problem
        finally:
            password_file.unlink()
        unfinished.rename(self._data)

    def _make_data_home(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._data_home.mkdir(mode=0o700, exist_ok=True)
        status = self._data_home.lstat()
        owners = {os.geteuid(), _uid(self._user)}
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
            # In /var/tmp anybody may have put a directory or link of this name there first.
            raise ProcessFailed(f"{self._data_home} is not a directory of ours")
        self._give_away(self._data_home)

    def _give_away(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user, self._user)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        probe = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(probe, check=False).returncode != 0:
            self.process.require_alive()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"PostgreSQL is not ready after {START_TIMEOUT_SECONDS:.0f} s")
            time.sleep(0.05)

    def query(self, sql: str, database: str = "postgres") -> str:
        """What psql prints for one command or several."""
        answer = subprocess.run(
            [str(self._bin / "psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql],
            env=os.environ
            | {
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": ROLE,
                "PGPASSWORD": self._password,
                "PGDATABASE": database,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise ProcessFailed(f"{sql}: {answer.stderr.strip()}")
        return answer.stdout.strip()


def _others_may_enter(directory: Path) -> bool:
    existing = [path for path in (directory, *directory.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in existing)


def _uid(user: str | None) -> int:
    return os.geteuid() if user is None else pwd.getpwnam(user).pw_uid

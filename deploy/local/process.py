"""One child process that is started, ended in good order, or killed as in a crash."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PAUSE_SECONDS = 0.05


class ProcessFailed(RuntimeError):
    """The process ended by itself or would not start; the message carries the end of its log."""


class ManagedProcess:
    """A process in a session of its own: Ctrl-C in the terminal reaches the suite, which then ends all in order.

    Its output goes to `<directory>/<name>.log`. `<directory>/<name>.pid` lets the next start end a process that an
    earlier suite left behind when it was killed itself.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        directory: Path,
        *,
        environment: Mapping[str, str] | None = None,
        working_directory: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_timeout_seconds: float = 30.0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log_path = directory / f"{name}.log"
        self._pid_path = directory / f"{name}.pid"
        self._environment = dict(os.environ if environment is None else environment)
        self._working_directory = working_directory
        self._user = user
        self._stop_signal = stop_signal
        self._stop_timeout_seconds = stop_timeout_seconds
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._child is None:
            raise ProcessFailed(f"{self.name} was not started")
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        if self.alive:
            return
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self._end_leftover()
        with self.log_path.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._working_directory,
                start_new_session=True,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )
        self._pid_path.write_text(f"{self._child.pid} {_started_ticks(self._child.pid)}")

    def stop(self) -> None:
        """Ask it to end and wait; SIGKILL for one that will not."""
        if self._child is not None and self.alive:
            self._child.send_signal(self._stop_signal)
            try:
                self._child.wait(self._stop_timeout_seconds)
            except subprocess.TimeoutExpired:
                self.kill9()
        self._pid_path.unlink(missing_ok=True)

    def kill9(self) -> None:
        """SIGKILL, as a crash: the process and its children get no chance to write or say anything."""
        if self._child is None or not self.alive:
            return
        family = [self._child.pid, *descendants(self._child.pid)]
        for pid in family:
            _signal(pid, signal.SIGKILL)
        self._child.wait()
        _wait_until_gone(family)

    def require_alive(self) -> None:
        if not self.alive:
            raise ProcessFailed(f"{self.name} ended; the last lines of {self.log_path}:\n{self.log_tail()}")

    def wait_until_listening(self, port: int, timeout_seconds: float) -> None:
        """Until it accepts connections on 127.0.0.1; ProcessFailed when it ends before or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while not _accepts(port):
            self.require_alive()
            if time.monotonic() > deadline:
                tail = self.log_tail()
                raise ProcessFailed(f"{self.name} does not listen on {port} after {timeout_seconds:.0f} s:\n{tail}")
            time.sleep(PAUSE_SECONDS)

    def log_tail(self, lines: int = 25) -> str:
        if not self.log_path.exists():
            return "(no log)"
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def _end_leftover(self) -> None:
        if not self._pid_path.exists():
            return
        pid_text, _, ticks = self._pid_path.read_text().partition(" ")
        # The start time tells our old child from a stranger that got the same number later.
        if pid_text.isdigit() and ticks and _started_ticks(int(pid_text)) == ticks:
            family = [int(pid_text), *descendants(int(pid_text))]
            _signal(int(pid_text), self._stop_signal)
            if not _wait_until_gone(family[:1], self._stop_timeout_seconds):
                for pid in family:
                    _signal(pid, signal.SIGKILL)
                _wait_until_gone(family)
        self._pid_path.unlink(missing_ok=True)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def descendants(pid: int) -> list[int]:
    """Children, grandchildren … of a process (Linux)."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [descendant for child in children for descendant in (child, *descendants(child))]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _started_ticks(pid: int) -> str:
    """The kernel's start time of a process, '' when there is none (or only its zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _wait_until_gone(pids: list[int], timeout_seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while any(_started_ticks(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True
